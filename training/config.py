"""The whole configuration of the Mini family in one place: architectures, noise schedule, stages, worlds, and what is
published.

Latents are [N, 4, 16, 16] (f8 of 128 x 128), clips [N, 4, 16, 16, 16] (batch, channel, frame, y, x), text states [N,
77, 128].
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .world.palette import FRAMES

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / 'training' / 'work'  # ignored by git
ART = WORK / 'art'  # downloaded by `python -m training art`
PUBLISHED = ROOT / 'public' / 'models' / 'mini'
BPE = ROOT / 'public' / 'tokenizer' / 'bpe_simple_vocab_16e6.txt.gz'

TEXT_DIM, MAX_TOKENS, LATENT = 128, 77, 16
BOS, EOS, CLIP_VOCABULARY = 49406, 49407, 49408

# --- architectures ---

CROSS_DOWN, CROSS_UP = 'CrossAttnDownBlock2D', 'CrossAttnUpBlock2D'
UNETS: dict[str, dict] = {
    # What ships: three levels, one resnet each, no attention at 16 x 16, heads of 32 channels. 7.45 M, 0.60 GFLOP a
    # frame (0.89 with motion).
    'small': {
        'block_out_channels': (64, 96, 160),
        'layers_per_block': 1,
        'attention_head_dim': (2, 3, 5),
        'norm_num_groups': 16,
        'down_block_types': ('DownBlock2D', CROSS_DOWN, CROSS_DOWN),
        'up_block_types': (CROSS_UP, CROSS_UP, 'UpBlock2D'),
    },
    # The emoji world's: 9.67 M, 0.69 GFLOP a frame.
    'emoji': {
        'block_out_channels': (64, 96, 192),
        'layers_per_block': 1,
        'attention_head_dim': (2, 3, 6),
        'norm_num_groups': 16,
        'down_block_types': ('DownBlock2D', CROSS_DOWN, CROSS_DOWN),
        'up_block_types': (CROSS_UP, CROSS_UP, 'UpBlock2D'),
    },
    # Exactly the topology of SD 1.x (same modules, same 686 keys, 8 heads, 32 norm groups), only narrower: also
    # exported as a single LDM file.
    'sd1': {
        'block_out_channels': (64, 96, 128, 128),
        'layers_per_block': 2,
        'attention_head_dim': 8,
        'norm_num_groups': 32,
        'down_block_types': (CROSS_DOWN, CROSS_DOWN, CROSS_DOWN, 'DownBlock2D'),
        'up_block_types': ('UpBlock2D', CROSS_UP, CROSS_UP, CROSS_UP),
    },
}
MOTION_MODULES: dict[str, dict] = {
    'small': {
        'motion_layers_per_block': 1,
        'motion_num_attention_heads': 4,
        'motion_norm_num_groups': 16,
        'use_motion_mid_block': True,
        'motion_mid_block_layers_per_block': 1,
    },
    # AnimateDiff v1/v3: a module after every resnet (2 down, 3 up per level), none in the middle, 8 heads, 32 groups.
    'sd1': {
        'motion_layers_per_block': 2,
        'motion_num_attention_heads': 8,
        'motion_norm_num_groups': 32,
        'use_motion_mid_block': False,
    },
}
MOTION_MODULES['emoji'] = MOTION_MODULES['small']
VAES: dict[str, dict] = {
    'small': {
        'block_out_channels': (16, 32, 64, 96),
        'layers_per_block': 1,
        'norm_num_groups': 4,
        'mid_block_add_attention': False,
    },
    'sd1': {
        'block_out_channels': (64, 96, 128, 128),
        'layers_per_block': 2,
        'norm_num_groups': 32,
        'mid_block_add_attention': True,
    },
    'tiny': {
        'block_out_channels': (8, 8, 16, 16),
        'layers_per_block': 1,
        'norm_num_groups': 4,
        'mid_block_add_attention': False,
    },
}
SCHEDULE = {
    'num_train_timesteps': 1000,
    'beta_start': 0.00085,
    'beta_end': 0.012,
    'beta_schedule': 'linear',
    'prediction_type': 'v_prediction',
    'clip_sample': False,
    'steps_offset': 1,
    'timestep_spacing': 'trailing',
    'set_alpha_to_one': False,
}

# --- stages ---


@dataclass(frozen=True)
class StageConfig:
    """`batch`: images, or clips where motion is learned, a step. `clips` x `frames`: size of the rendered set.

    `foreground`: how much more the subject's pixels weigh in the loss. `warmup`: steps of rising learning rate. `ema`:
    weight averaging, a step.
    """

    batch: int
    lr: float
    clips: int
    frames: int = 1
    warmup: int = 100
    opt: str = 'adamw'
    weight_decay: float = 1e-2
    foreground: float = 0.0
    ema: float = 0.997


@dataclass(frozen=True)
class Preset:
    unet: str
    vae: str
    text_layers: int
    stages: dict[str, StageConfig]
    world: str = 'narrow'  # in which a run begins


PRESETS: dict[str, Preset] = {
    # Two CPU cores, and what ships.
    'small': Preset(
        'small',
        'small',
        3,
        {
            'vae': StageConfig(8, 1.5e-3, 12000, weight_decay=1e-3),
            'text': StageConfig(128, 1e-3, 12000),
            'base': StageConfig(32, 1e-3, 10000, 2, opt='muon', foreground=5.0),
            'motion': StageConfig(4, 1e-3, 900, FRAMES, warmup=30, opt='muon', foreground=3.0, ema=0.99),
            'foreign': StageConfig(48, 5e-4, 4000, warmup=20, weight_decay=0.0, ema=0.98),
            'lora': StageConfig(32, 2e-3, 1500, 2, warmup=30, foreground=2.0, weight_decay=1e-3),
            'dreambooth': StageConfig(32, 3e-4, 60, 4, warmup=20, foreground=5.0, weight_decay=1e-3, ema=0.99),
            'motion-lora': StageConfig(2, 2e-3, 24, FRAMES, warmup=10, weight_decay=1e-3, foreground=3.0, ema=0.98),
            'lcm': StageConfig(32, 1e-3, 10000, 2, warmup=10, weight_decay=0.0, foreground=2.0, ema=0.98),
            'lcm-motion': StageConfig(2, 1e-3, 900, FRAMES, warmup=10, weight_decay=0.0, foreground=2.0, ema=0.98),
        },
    ),
    # The emoji world on two CPU cores.
    'emoji': Preset(
        'emoji',
        'small',
        3,
        {
            'vae': StageConfig(8, 1e-3, 6000, weight_decay=1e-3),
            'text': StageConfig(128, 1.5e-3, 12000),
            'base': StageConfig(64, 1.5e-3, 14000, 2, warmup=60, opt='muon', foreground=2.0),
            'motion': StageConfig(2, 1e-3, 1200, FRAMES, warmup=30, opt='muon', foreground=2.0, ema=0.99),
            'lora': StageConfig(32, 2e-3, 1500, 2, warmup=30, foreground=2.0, weight_decay=1e-3),
            'dreambooth': StageConfig(32, 3e-4, 60, 4, warmup=20, foreground=2.0, weight_decay=1e-3, ema=0.99),
            'motion-lora': StageConfig(2, 2e-3, 24, FRAMES, warmup=10, weight_decay=1e-3, foreground=2.0, ema=0.98),
            'lcm': StageConfig(32, 1e-3, 14000, 2, warmup=10, weight_decay=0.0, foreground=2.0, ema=0.98),
            'lcm-motion': StageConfig(2, 1e-3, 1200, FRAMES, warmup=10, weight_decay=0.0, foreground=2.0, ema=0.98),
        },
        world='emoji',
    ),
    # SD 1.x topology throughout, for a machine with one big GPU and many cores (--device cuda). Larger than the page's
    # download allows.
    'sd1': Preset(
        'sd1',
        'sd1',
        4,
        {
            'vae': StageConfig(64, 1e-3, 60000, warmup=300, weight_decay=1e-3),
            'text': StageConfig(1024, 1e-3, 60000),
            'base': StageConfig(512, 1e-3, 60000, 4, warmup=300, opt='muon', foreground=5.0),
            'motion': StageConfig(32, 5e-4, 20000, FRAMES, warmup=300, opt='muon', foreground=3.0),
            'foreign': StageConfig(96, 5e-4, 20000, warmup=20, weight_decay=0.0, ema=0.98),
            'lora': StageConfig(128, 1e-3, 6000, 2, warmup=50, foreground=2.0, weight_decay=1e-3),
            'dreambooth': StageConfig(64, 2e-4, 60, 4, warmup=20, foreground=5.0, weight_decay=1e-3, ema=0.99),
            'motion-lora': StageConfig(8, 1e-3, 48, FRAMES, warmup=20, weight_decay=1e-3, ema=0.98),
            'lcm': StageConfig(256, 1e-3, 60000, 4, warmup=50, weight_decay=0.0, foreground=2.0),
            'lcm-motion': StageConfig(16, 5e-4, 20000, FRAMES, warmup=50, weight_decay=0.0, foreground=2.0),
        },
    ),
    # Smoke test: everything exists, nothing learns.
    'micro': Preset(
        'sd1',
        'tiny',
        1,
        {
            'vae': StageConfig(2, 1e-3, 24, warmup=2),
            'text': StageConfig(8, 1e-3, 24, warmup=2),
            'base': StageConfig(4, 1e-3, 12, 2, warmup=2, opt='muon', foreground=5.0),
            'motion': StageConfig(1, 1e-3, 4, FRAMES, warmup=2, opt='muon', foreground=3.0),
            'foreign': StageConfig(3, 1e-3, 12, warmup=2, weight_decay=0.0),
            'lora': StageConfig(4, 1e-3, 8, 2, warmup=2, foreground=2.0),
            'dreambooth': StageConfig(4, 1e-3, 4, 2, warmup=2, foreground=2.0),
            'motion-lora': StageConfig(1, 1e-3, 2, FRAMES, warmup=2),
            'lcm': StageConfig(4, 1e-3, 12, 2, warmup=2, foreground=2.0),
            'lcm-motion': StageConfig(1, 1e-3, 4, FRAMES, warmup=2, foreground=2.0),
        },
    ),
}
CAPTION_DROPOUT = 0.1  # share of captions replaced by the empty one, for classifier-free guidance
FOREIGN_ROWS = 12  # words outside the vocabulary share these
FOREIGN_SUBJECTS = (
    'ball',
    'heart',
    'fish',
    'car',
)  # what they are read as, in turn: the subjects that the base draws cleanly when nothing else is said

# --- worlds: arguments of `parse_world` (worlds.py); subject size is a fraction of the frame ---

WORLDS: dict[str, list[str]] = {
    'narrow': [
        *('--subjects', 'ball,star,heart,fish,cat,car'),
        *('--backgrounds', 'plain'),
        *('--motions', 'left,right,bounce,still'),
    ],
    'wide': [
        *('--subjects', 'ball,star,heart,fish,butterfly,flower,car,cat,rocket'),
        *('--backgrounds', 'plain,sky,sea,meadow,night'),
        *('--motions', 'left,right,up,down,bounce,still'),
        *('--scale', '0.55', '0.75'),
    ],
    'full': [],
    'emoji': ['--emoji'],
    'emoji-popular': ['--emoji', '--popular'],
}

# --- personalisations and publication ---

LORA_RANK, MOTION_LORA_RANK, LCM_RANK = 8, 16, 16
LORA_TARGETS = [
    'to_q',
    'to_k',
    'to_v',
    'to_out.0',
    'ff.net.0.proj',
    'ff.net.2',
    'proj_in',
    'proj_out',
    'conv1',
    'conv2',
    'conv',
]
STYLE_NOTES: dict[str, str] = {
    'neon': 'glowing outlines on a dark ground',
    'pencil': 'grey pencil strokes on paper',
    'chalk': 'coloured chalk on a green board',
    'pastel': 'soft light colours without outlines',
}
EMOJI_STYLE_NOTES: dict[str, str] = {
    **STYLE_NOTES,
    'noto': 'as Noto Emoji draws it (Google, Apache License 2.0)',
    'flat': 'flat shapes, as Fluent Emoji flat (Microsoft, MIT)',
    'contrast': 'black glyphs, as Fluent Emoji high contrast (Microsoft, MIT)',
}
# Above this timestep a style leaves the base's drawing as it is: there it is decided what goes where, and which way.
# Not for styles with a ground of their own,
# which is decided there, too.
STYLE_BELOW: dict[str, int] = {'pastel': 800}
# What a trained LoRA is multiplied with before it is measured and published, so that weight 1 is what was meant. Found
# on prompts that nothing else is measured on.
STRENGTH: dict[str, float] = {}
MOTION_LORA_TARGETS = r'.*motion_modules.*\.(to_q|to_k|to_v|to_out\.0)'
CAMERA_NOTES: dict[str, str] = {
    'zoom': 'the camera moves in',
    'zoom-out': 'the camera moves out',
    'pan': 'the camera looks further and further right',
    'pan-left': 'the camera looks further and further left',
    'pan-up': 'the camera looks further and further up',
    'pan-down': 'the camera looks further and further down',
    'roll': 'the camera turns about the middle of the picture',
}
SUBJECT_NOTES: dict[str, str] = {'robot': 'a robot with a lamp on its head, called by the rare token sks'}
PRIOR_SHARE = 0.5  # of a DreamBooth batch: stills that the base itself drew before, so that it forgets nothing
# Consistency distillation: guidance that is distilled in, timesteps that one step of the teacher's solver covers, steps
# the result draws with.
LCM_GUIDANCE, LCM_HOP, LCM_STEPS = 3.0, 100, 6
MANTISSA_BITS = 10  # of fp16's ten, kept in published weights; fewer compress better (see `export --mantissa`)
DOWNLOAD_LIMIT = 32_000_000  # bytes of the four compressed files a first visit transfers

SAMPLE_STEPS, SAMPLE_CFG = 20, 3.0
PROMPTS: dict[str, list[str]] = {
    'emoji': [
        'a dog on a blue background',
        'a rocket in the night sky',
        'a butterfly moving to the left in a meadow',
        'a red apple bouncing on a white background',
        'a fish swimming under the sea',
        'a red heart on a pink background',
        'a cat on a green background',
        'a red car moving to the right in the city',
        'a snowman in the snow',
        'a ghost floating on a purple background',
        'an octopus under the sea',
        'a panda on an orange background',
        'an astronaut in space',
        'a crown spinning on a red background',
        'a birthday cake on a light blue background',
        'a pizza on a yellow background',
        'a unicorn at sunset',
        'a penguin and a snowman',
        'a sunflower swaying on the grass',
        'a robot indoors',
        'fireworks at night',
        'a crab on the beach',
        'a balloon rising in the sky',
        'a lion on the grass',
        'a grinning face shaking on a blue background',
        'a cup of coffee on a brown background',
        'a guitar on a gray background',
        'an owl at night',
    ],
    'narrow': [
        'a red ball bouncing on a blue background',
        'a yellow star moving to the left on a purple background',
        'an orange fish swimming to the right on a blue background',
        'a white cat walking to the left on a green background',
        'a green car driving to the right on a yellow background',
        'a pink heart standing still on a black background',
        'a blue cat walking to the right on a white background',
        'a purple car driving to the left on a gray background',
        'a green fish swimming to the left on a pink background',
        'a red heart bouncing on a white background',
        'a blue star standing still on an orange background',
        'a white ball moving to the right on a red background',
        'a pink fish bouncing on a green background',
        'an orange cat standing still on a blue background',
    ],
    'wide': [
        'a red ball bouncing on a blue background',
        'an orange fish swimming to the right under the sea',
        'a purple butterfly flying to the left in a meadow',
        'a white cat walking to the right on the grass',
        'a red rocket rising at night',
        'a green car driving to the left on a yellow background',
        'a yellow star moving to the left on a purple background',
        'a pink flower standing still in a meadow',
        'a blue rocket falling in the sky',
        'a pink heart bouncing at night',
        'a yellow fish swimming to the left on a black background',
        'a blue butterfly flying up in the sky',
        'an orange cat standing still on a blue background',
        'a white ball moving to the right on a red background',
    ],
    'full': [
        'a red ball bouncing on a blue background',
        'a yellow star spinning at night',
        'an orange fish swimming to the right under the sea',
        'a blue bird flying to the left in the sky',
        'a purple butterfly flying to the right in a meadow',
        'a green car driving to the left on a yellow background',
        'a white cat walking to the right on the grass',
        'a pink heart pulsing on a black background',
        'a red rocket rising in space',
        'a white boat sailing to the left at sunset',
        'a pink flower swaying in a meadow',
        'a blue balloon floating up in the sky',
        'a green square growing on a white background',
        'an orange triangle falling in the snow',
    ],
}
