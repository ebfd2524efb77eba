import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { expect, it } from "vitest";

const studio = import.meta.dirname;
const IMPORTED = /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** The folder under src/studio that a file lies in; null: the file belongs to the page as a whole (App, actions, context). */
function featureOf(path: string): string | null {
  const [feature, ...rest] = relative(studio, path).split(sep);
  return rest.length === 0 || feature === ".." ? null : feature!;
}

/** The features that each feature imports, tests left out. */
function featureImports(): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  for (const entry of readdirSync(studio, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const feature = featureOf(path);
    if (feature === null || !/(?<!\.test)\.tsx?$/.test(entry.name)) continue;
    const targets = [...readFileSync(path, "utf8").matchAll(IMPORTED)].map(([, target]) =>
      featureOf(resolve(dirname(path), target!)),
    );
    const others = targets.filter((target) => target !== null && target !== feature) as string[];
    imports.set(feature, new Set([...(imports.get(feature) ?? []), ...others]));
  }
  return imports;
}

/** A path of imports that leads back to where it began; null: there is none. */
function circleOf(imports: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  const visit = (feature: string, path: readonly string[]): string[] | null => {
    if (path.includes(feature)) return [...path.slice(path.indexOf(feature)), feature];
    if (done.has(feature)) return null;
    for (const target of imports.get(feature) ?? []) {
      const circle = visit(target, [...path, feature]);
      if (circle !== null) return circle;
    }
    done.add(feature);
    return null;
  };
  for (const feature of imports.keys()) {
    const circle = visit(feature, []);
    if (circle !== null) return circle;
  }
  return null;
}

it("features of the studio import each other in one direction only", () => {
  const imports = featureImports();
  expect(imports.size).toBeGreaterThan(10);
  expect(circleOf(imports)).toBeNull();
});
