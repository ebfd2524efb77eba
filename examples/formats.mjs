// Lists the tensors of a file of weights: node formats.mjs model.safetensors
import { openTensorFile } from "zoetrope/formats";
import { fileSource } from "zoetrope/node";

const file = await openTensorFile(await fileSource(process.argv[2]));
for (const [name, { shape, dtype }] of file.tensors) console.log(name, dtype, shape.join("×"));
