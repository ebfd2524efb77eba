"""Tiny super-resolution networks and the pictures that PyTorch makes with them: kit/upscalers/*.pth and golden.safetensors.

    python e2e/parity/make_upscaler_case.py

The files are laid out as people have them: Real-ESRGAN's compact network below `params`, BasicSR's RRDBNet below
`params_ema` beside other weights below `params`, and the RRDB network of ESRGAN's first code, whose layers are those of a
sequence. Written after the ESRGAN paper (arXiv 1809.00219) and the layouts of xinntao's published weights.
"""

from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

WIDTH, GROWTH = 4, 2


def conv(i: int, o: int) -> nn.Conv2d:
    return nn.Conv2d(i, o, 3, padding=1)


def lrelu(x: torch.Tensor) -> torch.Tensor:
    return F.leaky_relu(x, 0.2)


class Compact(nn.Module):
    def __init__(self, width: int, depth: int, factor: int) -> None:
        super().__init__()
        inner = [layer for _ in range(depth) for layer in (conv(width, width), nn.PReLU(width))]
        self.body = nn.ModuleList([conv(3, width), nn.PReLU(width), *inner, conv(width, 3 * factor**2)])
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x
        for layer in self.body:
            h = layer(h)
        return F.pixel_shuffle(h, self.factor) + F.interpolate(x, scale_factor=self.factor, mode='nearest')


class Dense(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        for i in range(5):
            setattr(self, f'conv{i + 1}', conv(WIDTH + i * GROWTH, WIDTH if i == 4 else GROWTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        made = [x]
        for i in range(1, 5):
            made.append(lrelu(getattr(self, f'conv{i}')(torch.cat(made, 1))))
        return x + 0.2 * self.conv5(torch.cat(made, 1))


class Rrdb(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = Dense(), Dense(), Dense()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + 0.2 * self.rdb3(self.rdb2(self.rdb1(x)))


class RrdbNet(nn.Module):
    """BasicSR's: a factor of two is a factor of four after pixels became channels."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.unshuffle = 4 // factor
        self.conv_first = conv(3 * self.unshuffle**2, WIDTH)
        self.body = nn.Sequential(*(Rrdb() for _ in range(3 - factor // 2)))
        self.conv_body, self.conv_up1, self.conv_up2, self.conv_hr = (conv(WIDTH, WIDTH) for _ in range(4))
        self.conv_last = conv(WIDTH, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_first(F.pixel_unshuffle(x, self.unshuffle) if self.unshuffle > 1 else x)
        x = x + self.conv_body(self.body(x))
        for layer in (self.conv_up1, self.conv_up2):
            x = lrelu(layer(F.interpolate(x, scale_factor=2, mode='nearest')))
        return self.conv_last(lrelu(self.conv_hr(x)))


class FirstDense(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        for i in range(5):
            one = [conv(WIDTH + i * GROWTH, WIDTH if i == 4 else GROWTH)]
            setattr(self, f'conv{i + 1}', nn.Sequential(*one, *([nn.LeakyReLU(0.2)] if i < 4 else [])))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        made = [x]
        for i in range(1, 5):
            made.append(getattr(self, f'conv{i}')(torch.cat(made, 1)))
        return x + 0.2 * self.conv5(torch.cat(made, 1))


class FirstRrdb(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.RDB1, self.RDB2, self.RDB3 = FirstDense(), FirstDense(), FirstDense()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + 0.2 * self.RDB3(self.RDB2(self.RDB1(x)))


class Shortcut(nn.Module):
    def __init__(self, sub: nn.Module) -> None:
        super().__init__()
        self.sub = sub

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.sub(x)


class FirstNet(nn.Module):
    """ESRGAN's first code, with one enlargement by two."""

    def __init__(self) -> None:
        super().__init__()
        double = [nn.Upsample(scale_factor=2), conv(WIDTH, WIDTH), nn.LeakyReLU(0.2)]
        picture = [conv(WIDTH, WIDTH), nn.LeakyReLU(0.2), conv(WIDTH, 3)]
        blocks = Shortcut(nn.Sequential(FirstRrdb(), conv(WIDTH, WIDTH)))
        self.model = nn.Sequential(conv(3, WIDTH), blocks, *double, *picture)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.model(x)


def main() -> None:
    folder = Path(__file__).parent / 'kit' / 'upscalers'
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    pictures = {'even': torch.rand(1, 3, 6, 8), 'odd': torch.rand(1, 3, 7, 9)}
    golden = {f'{name}.pixels': x for name, x in pictures.items()}
    networks = {
        'compact-x3': (Compact(5, 2, 3), lambda sd: {'params': sd}),
        'rrdb-x4': (RrdbNet(4), lambda sd: {'params': {k: 0 * v for k, v in sd.items()}, 'params_ema': sd}),
        'rrdb-x2': (RrdbNet(2), lambda sd: {'params_ema': sd}),
        'esrgan-x2': (FirstNet(), lambda sd: sd),
    }
    for name, (net, wrapped) in networks.items():
        net.eval()
        if isinstance(net, Compact):  # slopes that differ
            for k, layer in enumerate(m for m in net.body if isinstance(m, nn.PReLU)):
                nn.init.uniform_(layer.weight, -0.3, 0.5 + k)
        else:  # pictures are grey, rather than black, where the network says nothing
            last = net.model[-1] if isinstance(net, FirstNet) else net.conv_last
            nn.init.constant_(last.bias, 0.5)
        torch.save(wrapped(dict(net.state_dict())), folder / f'{name}.pth')
        with torch.no_grad():
            for size, x in pictures.items():
                if size == 'even' or name != 'rrdb-x2':
                    golden[f'{size}.{name}'] = net(x).contiguous()
    save_file(golden, folder / 'golden.safetensors')
    (folder / 'golden.safetensors').chmod(0o644)


main()
