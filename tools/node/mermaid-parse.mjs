#!/usr/bin/env node
// Parses the diagram on standard input with Mermaid itself; exit 1 and the reason when it is none.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

if (process.argv[2] === "--version") {
  const about = new URL("../node_modules/mermaid/package.json", import.meta.url);
  console.log(JSON.parse(readFileSync(about)).version);
} else {
  try {
    const { diagramType } = await mermaid.parse(readFileSync(0, "utf8"));
    console.log(diagramType);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
