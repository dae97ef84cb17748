// Shows that the type check can fail: it injects one wrong line, and a missing English message, and expects both to be caught.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

const check = () => spawnSync("npx", ["svelte-check", "--tsconfig", "./tsconfig.json", "--fail-on-warnings", "--output", "machine"], { encoding: "utf8" });
const injected = "src/injected-type-error.ts";
const english = "src/i18n/en.ts";
const words = readFileSync(english, "utf8");
let failed = false;

function expectCaught(name, wanted) {
  const { status, stdout } = check();
  const caught = status !== 0 && stdout.includes(wanted);
  console.log(`${caught ? "caught" : "NOT CAUGHT"}: ${name}`);
  if (!caught) { console.log(stdout); failed = true; }
}

try {
  writeFileSync(injected, 'export const cameras: number = "two hundred and fifty-two";\n');
  expectCaught("a number that is a string", "injected-type-error.ts");
  rmSync(injected);
  writeFileSync(english, words.replace(/^ {2}frozen:.*\n/m, ""));
  expectCaught("an English message that lacks", "i18n/en.ts");
} finally {
  rmSync(injected, { force: true });
  writeFileSync(english, words);
}
process.exit(failed ? 1 : 0);
