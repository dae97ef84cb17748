/** One live picture for all invented cameras: ffmpeg draws and encodes it, this cuts it into one CMAF chunk a frame with `prft`. */
import { spawn } from "node:child_process";
import { readChunk, readTrack, type Track } from "../src/player/boxes.ts";

const SECONDS_1900_TO_1970 = 2_208_988_800;

export interface Film {
  initialisation: Buffer | null;
  /** Since the last key frame, oldest first. */
  kept: Buffer[];
  follow(take: (chunk: Buffer) => void): () => void;
  close(): void;
}

function prft(capturedUnixMs: number, decodeTime: bigint): Buffer {
  const box = Buffer.alloc(32);
  box.writeUInt32BE(32, 0);
  box.write("prft", 4);
  box.writeUInt32BE(0x0100_0000, 8);
  box.writeUInt32BE(1, 12);
  box.writeUInt32BE(Math.floor(capturedUnixMs / 1000) + SECONDS_1900_TO_1970, 16);
  box.writeUInt32BE(Math.floor(((capturedUnixMs % 1000) / 1000) * 2 ** 32), 20);
  box.writeBigUInt64BE(decodeTime, 24);
  return box;
}

export function openFilm(): Film {
  const drawn = "testsrc2=size=640x360:rate=12,hue=s=0.25,eq=brightness=-0.25";
  const ffmpeg = spawn("ffmpeg", ["-v", "error", "-re", "-f", "lavfi", "-i", drawn, "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-threads", "1", "-pix_fmt", "yuv420p", "-g", "24", "-x264-params", "scenecut=0", "-f", "mp4", "-movflags", "empty_moov+default_base_moof+frag_every_frame+skip_trailer", "-flush_packets", "1", "pipe:1"], { stdio: ["ignore", "pipe", "inherit"] });
  const followers = new Set<(chunk: Buffer) => void>();
  const film: Film = {
    initialisation: null,
    kept: [],
    follow(take) {
      followers.add(take);
      return () => followers.delete(take);
    },
    close: () => void ffmpeg.kill(),
  };
  let rest = Buffer.alloc(0);
  let head: Buffer[] = [];
  let track: Track | null = null;
  ffmpeg.stdout.on("data", (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 8 && rest.length >= rest.readUInt32BE(0)) {
      const box = rest.subarray(0, rest.readUInt32BE(0));
      rest = rest.subarray(box.length);
      const type = box.toString("latin1", 4, 8);
      if (type === "ftyp") head = [box];
      else if (type === "moov") {
        film.initialisation = Buffer.concat([...head.splice(0), box]);
        track = readTrack(film.initialisation);
      }
      else if (type === "moof") head = [prft(Date.now() - 60, 0n), box];
      else if (type === "mdat") {
        const chunk = Buffer.concat([...head.splice(0), box]);
        if (track && readChunk(chunk, track).key) film.kept = [];
        film.kept.push(chunk);
        for (const take of followers) take(chunk);
      }
    }
  });
  return film;
}
