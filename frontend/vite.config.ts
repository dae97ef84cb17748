import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** `BELVEDERE_APP_URL` names the node that Vite's own server passes calls on to (`make dev`). */
const node = process.env["BELVEDERE_APP_URL"];
/** The origin that the node expects; `make dev` tells the node Vite's own, and sets this to it. */
const origin = process.env["BELVEDERE_ORIGIN"] ?? node;

export default defineConfig({
  plugins: [svelte()],
  worker: { format: "es" },
  build: {
    outDir: "../src/belvedere/web/static",
    emptyOutDir: true,
    // Under `default-src 'self'` nothing may come from a data: address.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    target: "es2022",
  },
  server: {
    host: "127.0.0.1",
    ...(node ? { proxy: { "/api": { target: node, headers: { origin: origin ?? node } } } } : {}),
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node", setupFiles: ["tests/setup.ts"] },
});
