/** The map's style: the ground that the node draws, and the cameras over it. Nothing is fetched from elsewhere. */
import type { ExpressionSpecification, StyleSpecification } from "maplibre-gl";
import type { Palette } from "./shapes";

/** One font for each weight, drawn from the page's own: MapLibre asks no server for glyphs. */
const REGULAR = ["IBM Plex Sans"];

const EMPTY = { type: "FeatureCollection" as const, features: [] };

export function mapStyle(palette: Palette): StyleSpecification {
  const halo = { "text-halo-color": palette.mapGround, "text-halo-width": 2 };
  const lost: ExpressionSpecification = [">", ["get", "lost"], 0];
  /** ■1/68: how many do not answer, of how many; below it, how many are watched. */
  const counted: ExpressionSpecification = ["case", lost, ["concat", "■", ["to-string", ["get", "lost"]], "/", ["to-string", ["get", "point_count"]]], ["to-string", ["get", "point_count"]]];
  const told: ExpressionSpecification = ["case", [">", ["get", "taken"], 0], ["concat", counted, "\n", "◉", ["to-string", ["get", "taken"]]], counted];
  return {
    version: 8,
    sources: {
      ground: { type: "geojson", data: EMPTY },
      cones: { type: "geojson", data: EMPTY },
      cameras: {
        type: "geojson",
        data: EMPTY,
        cluster: false,
        clusterRadius: 34,
        clusterMaxZoom: 15,
        clusterProperties: { lost: ["+", ["get", "lost"]], taken: ["+", ["get", "taken"]] },
      },
      bands: { type: "geojson", data: EMPTY },
      // Cameras in flow stand above, one by one: none of them hides in a group.
      watched: { type: "geojson", data: EMPTY },
    },
    layers: [
      { id: "background", type: "background", paint: { "background-color": palette.mapGround } },
      { id: "green", type: "fill", source: "ground", filter: ["==", ["get", "kind"], "green"], paint: { "fill-color": palette.mapGreen } },
      { id: "water", type: "fill", source: "ground", filter: ["all", ["==", ["get", "kind"], "water"], ["==", ["geometry-type"], "Polygon"]], paint: { "fill-color": palette.mapWater } },
      { id: "stream", type: "line", source: "ground", filter: ["all", ["==", ["get", "kind"], "water"], ["==", ["geometry-type"], "LineString"]], paint: { "line-color": palette.mapWater, "line-width": ["interpolate", ["exponential", 2], ["zoom"], 12, 3, 17, 40] }, layout: { "line-cap": "round" } },
      { id: "building", type: "fill", source: "ground", minzoom: 14, filter: ["==", ["get", "kind"], "building"], paint: { "fill-color": palette.mapRoad, "fill-opacity": 0.45 } },
      { id: "minor", type: "line", source: "ground", filter: ["all", ["==", ["get", "kind"], "road"], ["!=", ["get", "class"], "major"]], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": palette.mapRoad, "line-width": ["interpolate", ["exponential", 2], ["zoom"], 12, 1.5, 14, 3, 18, 26] } },
      { id: "major", type: "line", source: "ground", filter: ["all", ["==", ["get", "kind"], "road"], ["==", ["get", "class"], "major"]], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": palette.mapRoad, "line-width": ["interpolate", ["exponential", 2], ["zoom"], 12, 4, 14, 7, 18, 46] } },
      // Far away a cone's true range is a few pixels: its direction is then drawn at a constant size.
      { id: "headings", type: "symbol", source: "cones", maxzoom: 15, filter: ["==", ["geometry-type"], "Point"], layout: { "icon-image": "wedge", "icon-rotate": ["get", "heading"], "icon-rotation-alignment": "map", "icon-anchor": "bottom", "icon-allow-overlap": true, "icon-ignore-placement": true } },
      { id: "cones", type: "fill", source: "cones", minzoom: 15, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": palette.ink2, "fill-opacity": 0.28 } },
      { id: "reach", type: "line", source: "cones", minzoom: 15, filter: ["==", ["geometry-type"], "LineString"], paint: { "line-color": palette.ink2, "line-width": 1.5, "line-dasharray": [3, 3] } },
      // The chosen camera's cone, the finest band the most solid; an edge tells one from the next without its shade.
      { id: "bands", type: "fill", source: "bands", minzoom: 16, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": palette.ink2, "fill-opacity": ["get", "opacity"], "fill-outline-color": palette.ink } },
      { id: "street", type: "symbol", source: "ground", minzoom: 15, filter: ["all", ["==", ["get", "kind"], "road"], ["has", "name"]], layout: { "symbol-placement": "line", "text-field": ["coalesce", ["get", "name"], ""], "text-font": REGULAR, "text-size": 16 }, paint: { "text-color": palette.ink2, ...halo } },
      { id: "cameras", type: "symbol", source: "cameras", filter: ["!", ["has", "point_count"]], layout: { "icon-image": ["get", "mark"], "icon-allow-overlap": true, "icon-ignore-placement": true } },
      {
        id: "numbers", type: "symbol", source: "cameras", minzoom: 15, filter: ["!", ["has", "point_count"]],
        layout: { "text-field": ["to-string", ["get", "number"]], "text-font": REGULAR, "text-size": 17, "text-anchor": "left", "text-offset": [0.75, 0], "text-optional": true },
        paint: { "text-color": palette.ink, ...halo },
      },
      // Names of sectors stand over the marks of free cameras, and make way for groups and for what asks for somebody.
      { id: "sector", type: "symbol", source: "ground", maxzoom: 16, filter: ["==", ["get", "kind"], "sector"], layout: { "text-field": ["coalesce", ["get", "name"], ""], "text-font": REGULAR, "text-size": 18, "text-letter-spacing": 0.06, "text-variable-anchor-offset": ["center", [0, 0], "top", [0, 0.9], "bottom", [0, -0.9], "left", [1, 0], "right", [-1, 0], "top", [0, 2.2], "bottom", [0, -2.2], "left", [2.6, 0], "right", [-2.6, 0]] }, paint: { "text-color": palette.ink2, "text-halo-color": palette.mapGround, "text-halo-width": 4 } },
      // What is written in a group stays within its circle.
      { id: "clusters", type: "circle", source: "cameras", filter: ["has", "point_count"], paint: { "circle-radius": ["max", ["+", 7, ["*", 4.6, ["length", counted]]], ["case", [">", ["get", "taken"], 0], 23, 14]], "circle-color": palette.mapGround, "circle-stroke-width": 2, "circle-stroke-color": ["case", lost, palette.stop, palette.ink2] } },
      {
        id: "counts", type: "symbol", source: "cameras", filter: ["has", "point_count"],
        layout: { "text-field": told, "text-font": REGULAR, "text-size": 16, "text-line-height": 1.05, "text-allow-overlap": true, "text-padding": 3 },
        paint: { "text-color": ["case", lost, palette.stop, palette.ink] },
      },
      // Placed with the names in mind, and over them: no name hides a camera that asks for somebody.
      { id: "faults", type: "symbol", source: "cameras", filter: ["all", ["!", ["has", "point_count"]], ["in", ["get", "mark"], ["literal", ["lost", "suspended", "maintenance"]]]], layout: { "icon-image": ["get", "mark"], "icon-allow-overlap": true } },
      {
        id: "bandNames", type: "symbol", source: "bands", minzoom: 17, filter: ["==", ["geometry-type"], "Point"],
        layout: { "text-field": ["get", "name"], "text-font": REGULAR, "text-size": 16 },
        paint: { "text-color": palette.ink, ...halo },
      },
      // The number of a camera that is watched is never left out.
      {
        id: "watched", type: "symbol", source: "watched",
        layout: { "icon-image": ["get", "mark"], "icon-allow-overlap": true, "text-field": ["to-string", ["get", "number"]], "text-font": REGULAR, "text-size": 17, "text-anchor": "left", "text-offset": [0.75, 0], "text-allow-overlap": true },
        paint: { "text-color": palette.ink, "text-halo-color": palette.mapGround, "text-halo-width": 3 },
      },
    ],
  };
}
