/** `npm run mock`: the screens over an invented node, to look at them without one. Never shipped, proves nothing about rules. */
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { mockNode } from "./node.ts";

export default defineConfig({ plugins: [svelte(), mockNode()], worker: { format: "es" }, server: { host: "127.0.0.1" } });
