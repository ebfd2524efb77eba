/** Finds prompt syntax of other tools that this page does not read: A1111's prompt editing, alternating words and networks, and wildcards. */

const NUMBER = String.raw`\s*(?:\d+(?:\.\d*)?|\.\d+)\s*`;

const forms: readonly RegExp[] = [
  // Prompt editing, "[from:to:0.5]" and "[to:0.5]", and alternating words, "[a|b]"; a bracket after "\" is literal.
  new RegExp(String.raw`(?<!\\)\[[^[\]]*(?::${NUMBER}|\|[^[\]]*)\]`, "g"),
  // Hypernetworks and other networks that are called like LoRAs.
  /<(?!lora:)\w+:[^<>]+>/gi,
  // Dynamic prompts and ComfyUI: one of several words, "{a|b}", and a word from a file, "__colours__".
  /\{[^{}]*\|[^{}]*\}/g,
  /(?<!\w)__[\w/*-]*[^\W_][\w/*-]*__(?!\w)/g,
];

/** Every piece of such syntax, each once, in the order of the patterns. */
export function unreadSyntax(prompts: readonly string[]): readonly string[] {
  return [...new Set(forms.flatMap((form) => prompts.flatMap((prompt) => prompt.match(form) ?? [])))];
}
