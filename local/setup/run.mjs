/**
 * The entry of `npm start`, `npm test` and `npm run stop` on a clone in which nothing is installed yet.
 *
 * This file alone must load on any Node that knows modules at all, so that an old one is told what it is instead of
 * failing on a word it does not know. Everything else is in main.mjs.
 */
if (Number(process.versions.node.split(".")[0]) < 16) {
  console.error(
    `Node ${process.versions.node} is too old: this project needs Node 20 or newer (https://nodejs.org/en/download).`,
  );
  process.exit(2);
}
import("./main.mjs").then(
  (module) => module.main(process.argv.slice(2)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
