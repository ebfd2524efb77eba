/** Reads the settings out of a graph of ComfyUI, as its API writes them into pictures: nodes by id, whose inputs are values or links. */

import type { Infotext } from "../formats/infotext/infotext.ts";

interface Node {
  readonly class_type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

type Graph = Readonly<Record<string, Node>>;

/** Graphs may be cyclic where they are damaged. */
const LONGEST_CHAIN = 50;
/** Nodes that the settings of an animation here replace, or that only show and save. */
const KNOWN =
  /^(KSampler|KSamplerAdvanced|CLIPTextEncode|CLIPSetLastLayer|EmptyLatentImage|VAEDecode|VAEDecodeTiled|VAELoader|CheckpointLoaderSimple|LoraLoader|LoraLoaderModelOnly|SaveImage|SaveAnimatedWEBP|SaveAnimatedPNG|PreviewImage|VHS_VideoCombine|ADE_\w*Loader\w*|ADE_UseEvolvedSampling|ADE_ApplyAnimateDiffModel\w*)$/;

/** null: no graph, or one without a sampler. */
export function comfyInfotext(json: Readonly<Record<string, unknown>>): Infotext | null {
  const graph = graphIn(json);
  const sampler = Object.values(graph).find(({ inputs }) => Array.isArray(inputs.positive) && "steps" in inputs);
  if (sampler === undefined) return null;
  const { inputs } = sampler;
  const fields = new Map<string, string>();
  const set = (key: string, value: unknown) => {
    if (typeof value === "string" || typeof value === "number") fields.set(key, String(value));
  };
  set("Steps", inputValue(graph, inputs.steps));
  set("Sampler", inputValue(graph, inputs.sampler_name));
  set("Schedule type", inputValue(graph, inputs.scheduler));
  set("CFG scale", inputValue(graph, inputs.cfg));
  set("Seed", inputValue(graph, inputs.seed ?? inputs.noise_seed));

  // Less than 1 means that another picture was begun with.
  if (inputs.denoise !== 1) set("Denoising strength", inputValue(graph, inputs.denoise));
  const byInput = (name: string) => Object.values(graph).find(({ inputs }) => name in inputs)?.inputs[name];
  const lastLayer = byInput("stop_at_clip_layer");
  if (typeof lastLayer === "number") set("Clip skip", -lastLayer);
  set("VAE", byInput("vae_name"));

  const latents = follow(graph, inputs.latent_image);
  const [width, height] = [inputValue(graph, latents?.inputs.width), inputValue(graph, latents?.inputs.height)];
  if (width !== undefined && height !== undefined) fields.set("Size", `${width}x${height}`);
  const models = chain(graph, inputs.model, "model");
  set("Model", models.find(({ inputs }) => "ckpt_name" in inputs)?.inputs.ckpt_name);
  const motion = Object.values(graph).find(({ class_type }) => /AnimateDiff.*Load|ADE_.*Load/i.test(class_type));
  set("Motion module", motion?.inputs.model_name);
  if (motion !== undefined) set("Frames", inputValue(graph, latents?.inputs.batch_size));
  const loras = models.filter(({ inputs }) => typeof inputs.lora_name === "string");
  if (loras.length > 0)
    fields.set("Lora", loras.map(({ inputs }) => `${bare(inputs.lora_name)}: ${inputs.strength_model ?? 1}`).join(", "));
  const unread = new Set(
    Object.values(graph)
      .map(({ class_type }) => class_type)
      .filter((type) => !KNOWN.test(type)),
  );
  for (const type of unread) fields.set(`the node ${type}`, "");
  return { prompt: textOf(graph, inputs.positive), negative: textOf(graph, inputs.negative), fields };
}

function graphIn(json: Readonly<Record<string, unknown>>): Graph {
  const nodes = Object.entries(json).filter(([, node]) => {
    const { class_type, inputs } = (node ?? {}) as Partial<Node>;
    return typeof class_type === "string" && typeof inputs === "object" && inputs !== null;
  });
  return Object.fromEntries(nodes) as Graph;
}

/** A link is [id of a node, number of its output]. */
function follow(graph: Graph, link: unknown): Node | undefined {
  return Array.isArray(link) ? graph[String(link[0])] : undefined;
}

/** An input's value; where it is a link to a node of one value, that node's. */
function inputValue(graph: Graph, input: unknown): string | number | undefined {
  if (typeof input === "string" || typeof input === "number") return input;
  const node = follow(graph, input);
  const values = Object.values(node?.inputs ?? {}).filter((value) => typeof value === "string" || typeof value === "number");
  return values[0] as string | number | undefined;
}

/** The nodes on the way up from a link through the inputs of one name. */
function chain(graph: Graph, link: unknown, input: string): Node[] {
  const nodes: Node[] = [];
  let next = follow(graph, link);
  while (next !== undefined && nodes.length < LONGEST_CHAIN) {
    nodes.push(next);
    next = follow(graph, next.inputs[input]);
  }
  return nodes;
}

/** The words of the first text on the way up from a conditioning. */
function textOf(graph: Graph, link: unknown): string {
  let node = follow(graph, link);
  for (let i = 0; node !== undefined && i < LONGEST_CHAIN; i++) {
    const text = node.inputs.text ?? node.inputs.string ?? node.inputs.value ?? node.inputs.prompt;
    if (typeof text === "string") return text.trim();
    const up = Array.isArray(text) ? text : (node.inputs.conditioning ?? node.inputs.positive ?? node.inputs.conditioning_1);
    node = follow(graph, up);
  }
  return "";
}

function bare(name: unknown): string {
  return String(name)
    .replace(/^.*[\\/]/, "")
    .replace(/\.(safetensors|ckpt|pt|bin)$/i, "");
}
