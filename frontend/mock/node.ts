/** The API and the media socket of an invented node, held in memory. It imitates answers; it decides nothing that matters. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import { WebSocketServer, type WebSocket } from "ws";
import type { Holder, NodeCard, OperationalEvent, Role, Session, Streams, Suspension, Viewing } from "../src/api/types";
import { openFilm } from "./film.ts";
import { cameras, ground } from "./town.ts";

const TOTAL = 8;
const ARTICLE_3 = ["vda-etat:art-3"];
const ROLES: Record<string, [Role, string, string]> = {
  cic: ["cic-operator", "etat", "cic"], srpj: ["other-state-operator", "etat", "srpj"],
  csu: ["csu-operator", "villeneuve-dascq", "csu"], director: ["police-director", "villeneuve-dascq", "csu"],
  inspector: ["inspector", "villeneuve-dascq", "inspection"],
};

const PARTIES: NodeCard["parties"] = [
  {
    id: "villeneuve-dascq", short: { fr: "Villeneuve-d'Ascq", en: "Villeneuve-d'Ascq" }, called: { fr: "la ville", en: "the city" }, room: "CSU",
    director: { fr: "le directeur de la police municipale", en: "the director of the municipal police" }, services: [],
  },
  {
    id: "etat", short: { fr: "État", en: "State" }, called: { fr: "l'État", en: "the State" }, room: "CIC",
    director: { fr: "le directeur du CIC", en: "the director of the CIC" }, services: [],
  },
];

interface Asker { session: Session; cookie: string }

export function mockNode(): Plugin {
  const town = cameras(Number(process.env["MOCK_CAMERAS"] ?? 252)) as { features: { properties: { id: string } }[] };
  const askers = new Map<string, Asker>();
  const viewings = new Map<string, Viewing & { cookie: string }>();
  const suspensions: Suspension[] = [];
  const events: OperationalEvent[] = [];
  const sockets = new Map<string, Set<WebSocket>>();
  const frozen = new Set<string>();
  const lost = new Set<string>();
  const screens = new Map<ServerResponse, Asker>();
  const tickets = new Map<string, string>();
  let next = 1;

  const fresh = (prefix: string) => `${prefix}-${next++}`;
  const holders = (): Holder[] => {
    const seen = new Map<string, Holder>();
    for (const { party, camera, service, since } of viewings.values())
      if (party === "etat") {
        const holder = seen.get(camera) ?? { camera, services: [], since };
        if (service && !holder.services.includes(service)) holder.services.push(service);
        seen.set(camera, holder);
      }
    return [...seen.values()];
  };
  const streams = (asker: Asker): Streams => ({
    items: [...viewings.values()].filter((v) => asker.session.agent.party !== "etat" || v.party === "etat").map(({ cookie, ...v }) => ({ ...v, mine: cookie === asker.cookie })),
    slots: [{ party: "etat", used: holders().length, total: TOTAL, holders: holders() }],
    suspensions,
  });
  const tell = (to: ServerResponse, event: string, data: object) => to.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const changed = () => { for (const [to, asker] of screens) tell(to, "streams", streams(asker)); };
  const eventsChanged = () => { for (const [to] of screens) tell(to, "events", { items: events }); };
  const end = (id: string, code: number, cause: string, title: string, detail: string) => {
    const viewing = viewings.get(id);
    if (!viewing) return;
    viewings.delete(id);
    for (const [to, asker] of screens) if (asker.cookie === viewing.cookie) tell(to, "ended", { viewing: id, camera: viewing.camera, cause, articles: ARTICLE_3, title, detail, remedy: "Appeler le CSU." });
    for (const socket of sockets.get(id) ?? []) socket.close(code, JSON.stringify({ cause, article: ARTICLE_3[0] }));
    changed();
  };

  function decide(asker: Asker, camera: string, event: string | null) {
    if (asker.session.agent.party === "etat") {
      if (suspensions.some((s) => s.camera === camera)) return { cause: "suspended", detail: "Ce flux est suspendu par la direction de la police municipale." };
      const open = events.find((e) => e.id === event && e.state === "open");
      if (!open) return { cause: "no-event", detail: "Chaque vue porte un événement : sa nature suffit pour commencer." };
      if (!holders().some((h) => h.camera === camera) && holders().length >= TOTAL) return { cause: "quota", detail: "Huit flux sur huit sont ouverts." };
    }
    return null;
  }

  async function answer(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    const say = (status: number, body: object | null) => { res.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json" }); res.end(body ? JSON.stringify(body) : undefined); };
    const body = await read(req);
    const route = `${req.method} ${path.split("?")[0]}`;
    if (route === "POST /login") {
      const [role, party, service] = ROLES[String(body["login"])] ?? [];
      if (!role || !party || !service) return say(401, { title: "Identifiant ou mot de passe incorrect", detail: "Aucun compte n'a cet identifiant avec ce mot de passe.", remedy: "Vérifier la saisie.", cause: "wrong-password" });
      const cookie = fresh("session");
      const session: Session = { agent: { label: party === "etat" ? "agent 4512" : "Opérateur 1", pseudonym: party === "etat" ? "CIC-7Q2M" : "CSU-1", party, service, role }, station: { id: "mur-1", label: party === "etat" ? "CIC · mur 1" : "CSU · poste 2" }, party: "villeneuve-dascq", language: "fr", ends_at: new Date(Date.now() + 14 * 3_600_000).toISOString() };
      askers.set(cookie, { session, cookie });
      res.setHeader("Set-Cookie", `mock=${cookie}; HttpOnly; Path=/`);
      return say(200, session);
    }
    if (route === "GET /node") return say(200, { party: "villeneuve-dascq", name: "Ville de Villeneuve-d'Ascq", contact: null, zone: "Europe/Paris", parties: PARTIES });
    const asker = askers.get(/mock=([^;]+)/.exec(req.headers.cookie ?? "")?.[1] ?? "");
    if (!asker) return say(401, { title: "Non connecté", cause: "not-signed-in" });
    const { agent } = asker.session;
    const [, noun = "", id = "", more = ""] = (path.split("?")[0] ?? "").split("/");
    if (route === "POST /logout") { askers.delete(asker.cookie); return say(204, null); }
    if (route === "GET /session") return say(200, asker.session);
    if (route === "GET /cameras") return say(200, town);
    if (route === "GET /ground") return say(200, ground());
    if (route === "GET /events") return say(200, { items: events });
    if (route === "GET /streams") return say(200, streams(asker));
    if (route === "GET /convention") return say(200, { id: "vda-etat", title: "Villeneuve-d'Ascq et l'État", sha256: "00", words: null, in_force_from: "2022-10-01", regime: "authorisation", parties: ["villeneuve-dascq", "etat"], bound: [], quota: TOTAL, authorisation_withdrawn: false });
    if (noun === "handover") return say(200, { items: [] });
    if (noun === "journal") return say(200, { stations: {}, words: {}, total: viewings.size, total_is_least: false, after: null, items: id === "viewings" ? [...viewings.values()].map((v, at) => ({ index: at, viewing: v.id, camera: v.camera, party: v.party, watchers: [{ agent: v.agent, service: v.service, name: null, since: v.since }], station: { id: v.station, label: "CIC · mur 1" }, event: v.event, purpose: null, opened_at: v.since, ended_at: null, articles: ARTICLE_3, cause: null, ended_articles: [] })) : [...viewings.values()].map((v, at) => ({ index: at, at: v.since, kind: "opened", subject: { party: v.party, service: v.service, agent: v.agent, station: v.station }, camera: v.camera, event: v.event, verdict: "granted", articles: ARTICLE_3, cause: null })) });
    if (route === "POST /events") {
      const event: OperationalEvent = { id: fresh("event"), kind: body["kind"] as OperationalEvent["kind"], state: "open", sector: null, motive: null, dispatch_number: null, opened_at: new Date().toISOString(), opened_by: agent.pseudonym, opened_by_label: agent.label, kept_by: agent.pseudonym, kept_by_label: agent.label, party: agent.party, motive_owed: true };
      events.push(event); eventsChanged();
      return say(201, event);
    }
    if (noun === "events") {
      const event = events.find((e) => e.id === id);
      if (!event) return say(404, { title: "Introuvable" });
      Object.assign(event, body); eventsChanged();
      if (event.state === "closed") for (const v of [...viewings.values()]) if (v.event?.id === id) end(v.id, 4403, "event-closed", "Événement clos", "L'événement est clos.");
      return say(200, event);
    }
    if (route === "POST /preview") {
      const no = decide(asker, String(body["camera"]), body["event"] as string | null);
      return say(200, { verdict: no ? "refused" : "granted", articles: ARTICLE_3, obligations: [], valid_until: null, reason: no?.detail ?? "Accordé.", remedy: null, preempts: [] });
    }
    if (route === "POST /streams") {
      const camera = String(body["camera"]);
      const no = decide(asker, camera, body["event"] as string | null);
      if (no) return say(no.cause === "quota" ? 409 : 403, { title: "Refusé par la convention", ...no, articles: ARTICLE_3, remedy: "Fermer une image, ou échanger.", ...(no.cause === "quota" ? { holders: holders() } : {}) });
      const found = [...viewings.values()].find((v) => v.cookie === asker.cookie && v.camera === camera);
      const event = events.find((e) => e.id === body["event"]);
      const viewing = found ?? { id: fresh("viewing"), camera, party: agent.party, service: agent.service, agent: agent.pseudonym, station: "mur-1", event: event ? { id: event.id, kind: event.kind, motive: event.motive, dispatch_number: event.dispatch_number, sector: null } : null, purpose: null, valid_until: null, since: new Date().toISOString(), mine: false, cookie: asker.cookie };
      viewings.set(viewing.id, viewing); changed();
      const ticket = fresh("ticket");
      tickets.set(ticket, viewing.id);
      return say(201, { id: viewing.id, camera, media_url: `ws://${req.headers.host}/media/${ticket}`, slot: 1, slots: TOTAL, articles: ARTICLE_3, valid_until: null });
    }
    if (noun === "streams" && more === "suspension") {
      if (req.method === "DELETE") { const at = suspensions.findIndex((s) => s.viewing === id); if (at >= 0) suspensions.splice(at, 1); changed(); return say(204, null); }
      const viewing = viewings.get(id);
      if (!viewing) return say(404, { title: "Introuvable" });
      suspensions.push({ camera: viewing.camera, party: viewing.party, ground: body["ground"] as Suspension["ground"], reason: String(body["reason"]), since: new Date().toISOString(), viewing: id });
      for (const v of [...viewings.values()]) if (v.camera === viewing.camera && v.party === viewing.party) end(v.id, 4403, "suspended", "Flux suspendu", `Flux suspendu par la direction de la police municipale : incident de sécurité. « ${String(body["reason"])} »`);
      return say(201, {});
    }
    if (noun === "streams" && req.method === "DELETE") { viewings.delete(id); for (const socket of sockets.get(id) ?? []) socket.close(1000); changed(); return say(204, null); }
    if (noun === "changes") {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      tell(res, "clock", { now: new Date().toISOString() });
      tell(res, "streams", streams(asker));
      screens.set(res, asker);
      req.on("close", () => screens.delete(res));
      return;
    }
    if (noun === "mock") { // The looker's levers: /mock/freeze/vda-003, /mock/lose/…, /mock/back/…
      if (id === "freeze") frozen.add(more); else if (id === "lose") { frozen.add(more); lost.add(more); } else { frozen.delete(more); lost.delete(more); }
      for (const v of viewings.values()) if (v.camera === more) for (const s of sockets.get(v.id) ?? []) s.send(JSON.stringify(lost.has(more) ? { source: "lost", cause: "closed" } : { source: "back" }));
      for (const [to] of screens) tell(to, "cameras", { items: [{ id: more, state: lost.has(more) ? "lost" : "ok", cause: lost.has(more) ? "closed" : null }] });
      return say(200, {});
    }
    return say(404, { title: "Introuvable" });
  }

  return {
    name: "mock-node",
    configureServer(server) {
      const film = openFilm();
      const media = new WebSocketServer({ noServer: true });
      server.httpServer?.on("close", () => film.close());
      process.on("exit", () => film.close());
      server.httpServer?.on("upgrade", (req, socket, head) => {
        const ticket = /^\/media\/(.+)$/.exec(req.url ?? "")?.[1];
        if (!ticket) return;
        media.handleUpgrade(req, socket, head, (ws) => {
          const id = tickets.get(ticket);
          const viewing = id ? viewings.get(id) : undefined;
          tickets.delete(ticket);
          if (!id || !viewing || !film.initialisation) return ws.close(4401);
          sockets.set(id, (sockets.get(id) ?? new Set()).add(ws));
          ws.send(JSON.stringify({ clock: Date.now() * 1000, origin_offset_us: 0 }));
          ws.send(JSON.stringify({ codec: "avc1.42c01e", width: 640, height: 360, timescale: 12288, camera: viewing.camera, viewing: id }));
          ws.send(film.initialisation);
          for (const chunk of film.kept) ws.send(chunk);
          const stop = film.follow((chunk) => { if (!frozen.has(viewing.camera)) ws.send(chunk); });
          ws.on("close", () => { stop(); sockets.get(id)?.delete(ws); });
        });
      });
      server.middlewares.use("/api/v1", (req, res) => void answer(req, res, req.url ?? "/"));
    },
  };
}

async function read(req: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}
