/**
 * npm's `onvif` drives one camera: connects, turns, stops, goes to a preset. Writes what it saw as one line of JSON.
 *
 * node other_client.cjs PORT USERNAME PASSWORD token|digest
 */
const { promisify } = require("node:util");
const { Cam } = require("onvif");

const [port, username, password, login] = process.argv.slice(2);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function main() {
  const camera = new Cam({
    hostname: "127.0.0.1",
    port: Number(port),
    username,
    password,
    timeout: 5000,
    autoconnect: false,
    useWSSecurity: login === "token",
  });
  const call = (name) => promisify(camera[name].bind(camera));
  await call("connect")();
  const seen = {};
  seen.stream = (await call("getStreamUri")({ protocol: "RTSP" })).uri;
  await call("continuousMove")({ x: 0.5, y: 0, zoom: 0, timeout: 5000 });
  await pause(200);
  const turning = await call("getStatus")({});
  await call("stop")({ panTilt: true, zoom: true });
  const stopped = await call("getStatus")({});
  await pause(120);
  const still = await call("getStatus")({});
  seen.turning = turning.moveStatus.panTilt;
  seen.turned = turning.position.x > 0;
  seen.still = still.position.x === stopped.position.x;
  await call("setPreset")({ presetName: "Fontaine" });
  const kept = Object.entries(await call("getPresets")({}));
  seen.presets = Object.fromEntries(kept.map(([name, preset]) => [name, preset.$.token]));
  await call("gotoPreset")({ preset: seen.presets.Carrefour });
  await pause(100);
  seen.going = (await call("getStatus")({})).moveStatus.panTilt;
  await call("absoluteMove")({ x: 0.1, y: -0.2, zoom: 0.3 });
  await call("relativeMove")({ x: 0.05, y: 0, zoom: 0 });
  console.log(JSON.stringify(seen));
}

main().then(
  () => process.exit(0),
  (failure) => {
    console.error(failure);
    process.exit(1);
  },
);
