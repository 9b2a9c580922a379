/** Settings of the encryption and network rules. */
import { choice, decimal, texts, whole } from "./shapes.ts";

export const encryptionSettings = {
  topicKey: choice(
    "Whether notices are encrypted under a key of the stage's own (demand) or need none (optional).",
    "demand",
    "optional",
  ),
  volumeKey: choice(
    "Whether the volumes of instances, and what jobs write, are under a key of the stage's own (demand) or need none (optional).",
    "demand",
    "optional",
  ),
  keyDeletionDays: whole("Days between the order to delete a key and its deletion at least.", 30, 7, 30),
  notebookNetwork: choice(
    "Whether notebooks lie in a network of their own without direct internet access (vpc) or not (open).",
    "vpc",
    "open",
  ),
  notebookPlatforms: texts("Platforms that a notebook instance may run on.", ["notebook-al2023-v1"], { minItems: 1 }),
  openRoutes: texts("Keys of routes without an authorizer, because their function checks a signed link.", [
    "GET /approvals/{token}",
    "POST /approvals/{token}",
  ]),
  apiRate: decimal("Requests a second that a stage of an HTTP API takes at most.", 100, 0),
  apiBurst: whole("Requests at once that a stage of an HTTP API takes at most.", 200, 0),
} as const;
