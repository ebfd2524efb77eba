/** What other tools read in a prompt and this one does not: A1111's prompt editing, alternating words and networks, and wildcards. */

const NUMBER = String.raw`\s*(?:\d+(?:\.\d*)?|\.\d+)\s*`;

const forms: readonly RegExp[] = [
  // Prompt editing, "[from:to:0.5]" and "[to:0.5]", and alternating words, "[a|b]"; a bracket after "\" is meant.
  new RegExp(String.raw`(?<!\\)\[[^[\]]*(?::${NUMBER}|\|[^[\]]*)\]`, "g"),
  // Hypernetworks and whatever else is called as LoRAs are.
  /<(?!lora:)\w+:[^<>]+>/gi,
  // Dynamic prompts, and ComfyUI: one of several, "{a|b}", and a word out of a file, "__colours__".
  /\{[^{}]*\|[^{}]*\}/g,
  /(?<!\w)__[\w/*-]*[^\W_][\w/*-]*__(?!\w)/g,
];

/** Every piece of such syntax, each once, in the order of the forms. */
export function unreadSyntax(prompts: readonly string[]): readonly string[] {
  return [...new Set(forms.flatMap((form) => prompts.flatMap((prompt) => prompt.match(form) ?? [])))];
}
