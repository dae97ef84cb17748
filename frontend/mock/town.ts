/** An invented inventory: shapes of the API, no real place. */

const SECTORS: [string, number, number][] = [
  ["Centre", 3.146, 50.621], ["Pont-de-Bois", 3.137, 50.627], ["Annappes", 3.155, 50.626], ["Flers", 3.139, 50.645],
  ["Cousinerie", 3.155, 50.64], ["Triolo", 3.144, 50.617], ["Stade", 3.13, 50.612],
];
const PLACES = ["Fontaine nord", "Métro", "Marché", "Église", "Hôtel de ville", "Bourg", "Lac, rive sud", "École", "Gare", "Parc"];

/** A small generator, the same town at every start. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function cameras(count: number): object {
  const random = seeded(7);
  const features = Array.from({ length: count }, (_, at) => {
    const [sector, lon, lat] = SECTORS[at % SECTORS.length] as [string, number, number];
    const id = `vda-${String(at + 1).padStart(3, "0")}`;
    return {
      type: "Feature",
      id,
      geometry: { type: "Point", coordinates: [lon + (random() - 0.5) * 0.014, lat + (random() - 0.5) * 0.011] },
      properties: {
        id, number: at + 1, name: `${sector} ${PLACES[Math.floor(random() * PLACES.length)]}`, sector, street: `rue ${at + 1}`,
        zone: "centre", commune: "Villeneuve-d'Ascq", class: "voie-publique", ptz: random() > 0.6,
        heading_deg: Math.floor(random() * 360), fov_deg: 60, range_m: 90, width_px: 1920, owner: "villeneuve-dascq",
        state: at % 61 === 13 ? "lost" : at % 97 === 40 ? "maintenance" : "ok", cause: at % 61 === 13 ? "wrong-password" : null, authorised_until: "2031-12-02",
      },
    };
  });
  return { type: "FeatureCollection", features };
}

export function ground(): object {
  const random = seeded(3);
  const features: object[] = SECTORS.map(([name, lon, lat]) => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: { kind: "sector", name } }));
  for (let at = 0; at < 16; at++) {
    const lat = 50.607 + at * 0.0028;
    const lon = 3.12 + at * 0.003;
    const name = `rue ${at}`;
    features.push({ type: "Feature", geometry: { type: "LineString", coordinates: [[3.115, lat + random() * 0.003], [3.145, lat], [3.175, lat + random() * 0.003]] }, properties: { kind: "road", class: at % 4 ? "minor" : "major", name } });
    features.push({ type: "Feature", geometry: { type: "LineString", coordinates: [[lon, 50.605], [lon + random() * 0.003, 50.63], [lon, 50.652]] }, properties: { kind: "road", class: at % 5 ? "minor" : "major", name } });
  }
  features.push({ type: "Feature", geometry: { type: "Polygon", coordinates: [[[3.16, 50.605], [3.178, 50.605], [3.178, 50.65], [3.166, 50.65], [3.16, 50.605]]] }, properties: { kind: "green" } });
  features.push({ type: "Feature", geometry: { type: "Polygon", coordinates: [[[3.165, 50.63], [3.17, 50.632], [3.171, 50.642], [3.166, 50.64], [3.165, 50.63]]] }, properties: { kind: "water" } });
  return { type: "FeatureCollection", features };
}
