// A process of the service with everything in a temporary folder, on a free port.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { until } from "./until.mjs";

const PROGRAM =
  process.env.RESIZINATOR_PROGRAM ?? new URL("../../../target/debug/resizinator", import.meta.url).pathname;
const ADDRESS = /127\.0\.0\.1:[1-9]\d*/;

export class Service {
  #folder = mkdtempSync(join(tmpdir(), "resizinator-console-"));
  #settings;
  #process = null;
  #log = join(this.#folder, "log");

  /** `settings` are environment variables. */
  static async start(settings = {}) {
    const service = new Service();
    service.#settings = settings;
    await service.start();
    return service;
  }

  /** Starts the process once more, at the same address. */
  async start() {
    const log = createWriteStream(this.#log, { flags: "w" });
    await once(log, "open");
    this.#process = spawn(PROGRAM, { env: this.#environment(), stdio: ["ignore", log, log] });
    log.close();
    await until("the service is ready", async () => {
      if (this.#process.exitCode !== null) throw new Error(`The service has ended.\n${this.log}`);
      this.url ??= this.log.match(ADDRESS) && `http://${this.log.match(ADDRESS)[0]}`;
      return (
        this.url &&
        (await fetch(`${this.url}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ))
      );
    });
  }

  /** Ends the process without any warning, as a crash does. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** Ends the process and removes what it has kept. */
  async remove() {
    await this.#end("SIGTERM");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get log() {
    return readFileSync(this.#log, "utf8");
  }

  get database() {
    return join(this.#folder, "data", "resizinator.sqlite3");
  }

  get objects() {
    return join(this.#folder, "data", "objects");
  }

  /** Runs a command of an operator, such as `user quota NAME --images 2`. */
  async command(...words) {
    const child = spawn(PROGRAM, words, { env: this.#environment(), stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`resizinator ${words.join(" ")}: ${output}`);
    return output;
  }

  #environment() {
    // No setting of the caller counts.
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(RESIZINATOR_|(DATABASE|QUEUE|STORAGE)_URL)/.test(name),
    );
    return {
      ...Object.fromEntries(kept),
      RESIZINATOR_LISTEN: this.url ? new URL(this.url).host : "127.0.0.1:0",
      RESIZINATOR_DATA: join(this.#folder, "data"),
      RESIZINATOR_RATE_LIMITS: "off",
      ...this.#settings,
    };
  }

  async #end(signal) {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill(signal);
    await ended;
  }
}
