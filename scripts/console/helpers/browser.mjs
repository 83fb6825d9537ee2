// Chromium without a window, one for all stories of a file.

import { createRequire } from "node:module";

// They are installed outside of this folder.
const tools = createRequire(new URL("../../../.tools/console/package.json", import.meta.url));
const { chromium } = tools("playwright-core");

/** The path of the script that looks for barriers. */
export const axe = tools.resolve("axe-core/axe.min.js");

export const launch = () =>
  chromium.launch({
    executablePath: process.env.RESIZINATOR_CHROMIUM ?? "/usr/bin/chromium",
    // Chromium's own sandbox does not work for root.
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
