/** What can be said of an English word by its form alone, without a dictionary. */

/** Words that hold a sentence together, and those that name the picture as such ("a photo of", "background"). */
const FUNCTION_WORDS = new Set(
  `a an the this that these those some any each every all both no not none one two three four five six seven eight nine ten
  and or but nor so yet as if than then while when where who which whose what how
  of in on at by to from into onto over under above below behind before after beside besides between among across along through
  around round about against toward towards within without inside outside near next up down out off away back front side middle
  center centre with for like per upon during until via its it he she they them his her their him i we you my your our me us
  is are was were be been being am do does did doing done has have had having can could will would shall should may might must
  there here very too also just only more most less least much many few lot lots several other another same such own
  again together apart alone it's isn't aren't doesn't don't can't won't
  left-hand right-hand picture pictures image images photo photos photograph animation clip video drawing cartoon painting
  illustration scene shot view background backdrop wall style color colour colored coloured`.split(/\s+/),
);

export function isFunctionWord(word: string): boolean {
  return FUNCTION_WORDS.has(word) || /^\d+$/.test(word);
}

const ONLY_LOOKS_LIKE_ADVERB = /(?:fly|family|jelly|bully|lily|belly|ally|assembly|holly|doily|anomaly|monopoly|folly|rally)$/;
const NOUNS_IN_ING =
  /^(?:king|ring|wing|string|spring|swing|sling|earring|viking|pudding|building|wedding|ceiling|painting|lightning|morning|evening|duckling|gosling|sibling|dumpling|thing|being|clothing|stocking|puddling|starling|herring|offspring)$/;
const ADJECTIVE_ENDING = /(?:ful|ous|less|able|ible|esque|ish|istic|like|proof|est)$/;
const NOUNS_WITH_SUCH_ENDING =
  /(?:fish|dish|radish|octopus|forest|chest|nest|vest|guest|priest|table|vegetable|cable|bible|west|quest|harvest|rubbish|polish)$/;
const USUAL_ADJECTIVES = new Set(
  `fluffy furry tall short old young new ancient modern tiny huge large small long dark bright deep soft hard hot cold warm
  cool fast slow quick angry sad evil good bad best high low sharp blurry hazy foggy misty rainy sunny cloudy stormy windy snowy icy
  wet dry clean dirty rusty dusty shiny glossy matte golden silver metallic wooden detailed realistic
  photorealistic hyperrealistic cinematic dramatic epic magical mystical mysterious abstract surreal vintage retro
  minimal minimalist minimalistic simple complex intricate ornate elegant fancy pretty ugly lovely adorable handsome strong weak
  big fat thin slim wide narrow flat curly straight smooth rough striped spotted colorful colourful vibrant vivid pale
  pastel neon monochrome black-and-white turquoise teal violet magenta cyan crimson beige maroon navy brown gray grey
  transparent translucent wild tame royal tropical urban rural digital analog 4k 8k hd uhd hdr highres lowres`.split(/\s+/),
);

/** Praise and techniques that prompts for larger models are full of: nothing that could be drawn. */
const ABOUT_THE_PICTURE = new Set(
  `masterpiece quality resolution bokeh focus depth field render artstation unreal engine octane watercolour watercolor sketch anime
  pixel art artwork aesthetic award award-winning trending grain exposure ambient volumetric composition perspective closeup portrait
  light lighting hour film`.split(/\s+/),
);

export function isAdverb(word: string): boolean {
  return word.length > 4 && word.endsWith("ly") && !ONLY_LOOKS_LIKE_ADVERB.test(word);
}

/** A noun by form: no adverb, participle or usual adjective. */
export function mayBeNoun(word: string): boolean {
  if (USUAL_ADJECTIVES.has(word) || ABOUT_THE_PICTURE.has(word) || isAdverb(word)) return false;
  if (word.length > 4 && word.endsWith("ing")) return NOUNS_IN_ING.test(word);
  if (word.length > 4 && word.endsWith("ed")) return /(?:eed|bed|shed|sled)$/.test(word);
  return !(word.length > 5 && ADJECTIVE_ENDING.test(word) && !NOUNS_WITH_SUCH_ENDING.test(word));
}

const IRREGULAR: readonly (readonly [one: string, many: string])[] = [
  ["man", "men"],
  ["woman", "women"],
  ["child", "children"],
  ["person", "people"],
  ["mouse", "mice"],
  ["goose", "geese"],
  ["foot", "feet"],
  ["tooth", "teeth"],
  ["ox", "oxen"],
  ["fish", "fish"],
  ["sheep", "sheep"],
  ["deer", "deer"],
];

/** The plural of a phrase, by its last word: "butterfly" -> "butterflies". */
export function plural(phrase: string): string {
  if (isPlural(phrase)) return phrase;
  for (const [one, many] of IRREGULAR) if (endsWithWord(phrase, one)) return phrase.slice(0, -one.length) + many;
  if (/(?:s|sh|ch|x|z)$/.test(phrase)) return `${phrase}es`;
  return /[^aeiou]y$/.test(phrase) ? `${phrase.slice(0, -1)}ies` : `${phrase}s`;
}

/** What a phrase may be called as one or as many, itself left out: "wolves" -> "wolf", "wolve", "wolvese…"; most are no words. */
export function otherNumbers(phrase: string): string[] {
  const found = [plural(phrase)];
  for (const [one, many] of IRREGULAR) if (endsWithWord(phrase, many)) found.push(phrase.slice(0, -many.length) + one);
  if (phrase.endsWith("ies")) found.push(`${phrase.slice(0, -3)}y`);
  if (phrase.endsWith("ves")) found.push(`${phrase.slice(0, -3)}f`, `${phrase.slice(0, -3)}fe`);
  if (phrase.endsWith("es")) found.push(phrase.slice(0, -2));
  if (phrase.endsWith("s") && !phrase.endsWith("ss")) found.push(phrase.slice(0, -1));
  return found;
}

/** By form: "grapes" is, "glass" is not. */
export function isPlural(phrase: string): boolean {
  return /[^su]s$/.test(phrase) || IRREGULAR.some(([one, many]) => one !== many && endsWithWord(phrase, many));
}

/** "a cat", "an orange", "grapes". */
export function withArticle(noun: string): string {
  if (isPlural(noun)) return noun;
  return /^(?!uni|ufo|eu|one\b)[aeiou]/i.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function endsWithWord(phrase: string, word: string): boolean {
  return phrase === word || phrase.endsWith(` ${word}`);
}

/** What a form of a verb may be called while it lasts: "bounces", "bounced", "bounce" -> "bouncing". Most are no words. */
export function participles(word: string): string[] {
  const stems = [word];
  if (word.endsWith("s")) stems.push(word.slice(0, -1));
  if (/(?:es|ed)$/.test(word)) stems.push(word.slice(0, -2));
  if (word.endsWith("d")) stems.push(word.slice(0, -1));
  if (/i(?:es|ed)$/.test(word)) stems.push(`${word.slice(0, -3)}y`);
  return stems.flatMap((stem) => {
    const doubled = /[aeiou][bdgklmnprt]$/.test(stem) ? [`${stem}${stem.at(-1)}ing`] : [];
    return [`${stem}ing`, ...(stem.endsWith("e") ? [`${stem.slice(0, -1)}ing`] : []), ...doubled];
  });
}
