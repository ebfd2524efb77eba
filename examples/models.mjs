// Says what model files are: node models.mjs FILE|FOLDER…
import { identify } from "zoetrope/models";
import { modelFiles } from "zoetrope/node";

for (const path of process.argv.slice(2)) {
  const { kind, summary, bytes } = await identify(await modelFiles(path));
  console.log(`${path}: ${kind}, ${summary}, ${bytes} bytes`);
}
