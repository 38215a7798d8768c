// Builds portal/static/uswds.css from the parts of USWDS that uswds.scss names, and copies from their packages
// the files that the portal serves: the images that the CSS names, three weights of Public Sans, htmx, and the licences.
// portal/static/portal.css and portal.js are written by hand and are not touched.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const uswds = join(packages, "@uswds/uswds");
const out = join(here, "../../portal/static");

const { css } = sass.compile(join(here, "uswds.scss"), {
  loadPaths: [join(uswds, "packages")],
  style: "compressed",
  charset: false,
  quietDeps: true,
  logger: sass.Logger.silent,
});

// USWDS writes @font-face rules for formats and weights that are not kept here; portal.css has its own.
const version = JSON.parse(readFileSync(join(uswds, "package.json"), "utf8")).version;
const built =
  `/*! USWDS v${version}, in part; built by tools/look, do not edit */\n` + css.replace(/@font-face\s*\{[^}]*\}/g, "") + "\n";
if (/url\(["']?data:/.test(built)) throw new Error("a data: address is left in the CSS; the portal's CSP refuses it");
writeFileSync(join(out, "uswds.css"), built);

rmSync(join(out, "img"), { recursive: true, force: true });
const images = new Set([...built.matchAll(/url\(["']?img\/([^"')]+)["']?\)/g)].map((match) => match[1]));
for (const image of images) {
  const to = join(out, "img", image);
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(join(uswds, "dist/img", image), to);
}

mkdirSync(join(out, "fonts"), { recursive: true });
for (const weight of ["Regular", "SemiBold", "Bold"]) {
  const file = `PublicSans-${weight}.woff2`;
  copyFileSync(join(uswds, "dist/fonts/public-sans", file), join(out, "fonts", file));
}
copyFileSync(join(packages, "htmx.org/dist/htmx.min.js"), join(out, "htmx.min.js"));
mkdirSync(join(out, "licences"), { recursive: true });
copyFileSync(join(packages, "htmx.org/LICENSE"), join(out, "licences/htmx.txt"));
copyFileSync(join(uswds, "LICENSE.md"), join(out, "licences/uswds.md"));
copyFileSync(join(packages, "us-atlas/LICENSE"), join(out, "licences/us-atlas.txt"));

console.log(`uswds.css: ${Math.round(gzipSync(built).length / 1024)} KB compressed; ${images.size} images`);
