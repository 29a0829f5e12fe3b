// Mouth cues of sounds by rhubarb-lip-sync-wasm: node run.mjs PACKAGE JOBS.json RESULTS.json
//
// A job is {"pcm": FILE, "text": TEXT}, of 16-bit mono samples at 16 kHz; a result {"cues": [...], "seconds": N}.
// A second of the first sound is heard before, unmeasured: loading the module counts for nobody.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";

const [folder, jobsFile, resultsFile] = process.argv.slice(2);
const { Rhubarb } = await import(pathToFileURL(join(folder, "dist/index.js")).href);

async function hear(sound, text) {
  const start = performance.now();
  const { mouthCues } = await Rhubarb.getLipSync(sound, text ? { dialogText: text } : {});
  return { cues: mouthCues, seconds: (performance.now() - start) / 1000 };
}

const jobs = JSON.parse(readFileSync(jobsFile, "utf8"));
await hear(readFileSync(jobs[0].pcm).subarray(0, 32000), "");
const results = [];
for (const { pcm, text } of jobs) {
  results.push(await hear(readFileSync(pcm), text));
}
writeFileSync(resultsFile, JSON.stringify(results));
