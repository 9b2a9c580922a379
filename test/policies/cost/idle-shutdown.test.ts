import rule from "../../../policies/cost/idle-shutdown.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const AGAIN = "It is judged again when the update has made it known.";
const LOWER = "Lower it: until then an idle app is billed.";
const IDLE = "appLifecycleManagement.idleSettings";
const KNOWN = "the name of one in this program, or of one listed in lifecycles";
const SCRIPT = "a script (in base64) with a line # frugal-idle-stop 1";
const STOPS = "JupyterLab or CodeEditor, which stop when idle";

const minutes = (path: string, shown: string, most = 120) =>
  `idle-shutdown/timeout: ${path} is ${shown}, must be a number of minutes up to ${most}. ${LOWER}`;
const off = (path: string, shown: string) => `idle-shutdown/studio: ${path} is ${shown}, must be ENABLED. Turn it on.`;
const waits = (path: string, limit: string) =>
  `idle-shutdown/waits: ${path} is not known yet, must be ${limit}. ${AGAIN}`;

describe("idle-shutdown", () => {
  for (const provider of PROVIDERS) {
    const lifecycle = compliant(provider, provider === "native" ? "notebookLifecycle" : "lifecycle");
    const notebook = compliant(provider, "notebook");
    const domain = compliant(provider, "domain");
    const profile = compliant(provider, "userProfile");
    const space = compliant(provider, "space");
    const app = compliant(provider, "app");
    const judge = (resources: Resource[], config: Record<string, unknown> = {}) =>
      analyzeStack(rule, resources, { config });

    it(`${provider}: a notebook names a lifecycle configuration that is seen or known`, async () => {
      violates(await judge([notebook, lifecycle]));
      const named = (value: unknown) => broken(notebook, "lifecycleConfigName", value);
      violates(
        await judge([named(undefined), lifecycle]),
        "idle-shutdown/notebook: lifecycleConfigName is absent, must be a lifecycle configuration that installs the idle stopper. Give the notebook one: of its own it runs on for ever.",
      );
      const other = (shown: string) =>
        `idle-shutdown/lifecycle: lifecycleConfigName is ${shown}, must be ${KNOWN}. Declare it here, or list it once it is known to stop idle notebooks.`;
      violates(await judge([notebook]), other('"frugal-prod-start"'));
      violates(await judge([named("another"), lifecycle]), other('"another"'));
      violates(await judge([named(""), lifecycle]), other("empty"));
      violates(await judge([named("another")], { lifecycles: ["another"] }));
      violates(await judge([named("another")], { lifecycles: ["a", "another"] }));
      violates(await judge([named("third")], { lifecycles: ["a", "another"] }), other('"third"'));
      violates(await judge([named(7), lifecycle]), other("7"));
      notes(await judge([named(UNKNOWN), lifecycle]), waits("lifecycleConfigName", KNOWN));
      const referring = { ...named(UNKNOWN), propertyDependencies: { lifecycleConfigName: [lifecycle.name] } };
      violates(await judge([referring, lifecycle]));
    });

    it(`${provider}: the start script installs the idle stopper`, async () => {
      const path = `${lifecycle.name}: onStart`;
      const fault = (value: string, limit = SCRIPT) =>
        `idle-shutdown/stopper: ${path} is ${value}, must be ${limit}. Install the idle stopper when the notebook starts, and say so in that line.`;
      const script = (text: string) => broken(lifecycle, "onStart", Buffer.from(text).toString("base64"));
      for (const text of [
        "#!/bin/bash\n# frugal-idle-stop 1\n",
        "frugal-idle-stop 2",
        "  #frugal-idle-stop 10\r\nexit",
      ])
        violates(await judge([notebook, script(text)]));
      for (const text of [
        "#!/bin/bash\n",
        "# not frugal-idle-stop 1",
        "# frugal-idle-stop one",
        "# frugal-idle-stopper 1",
      ])
        violates(await judge([notebook, script(text)]), fault("without it"));
      violates(await judge([notebook, script("# frugal-idle-stop")]), fault("of version 0"));
      violates(
        await judge([notebook, script("# frugal-idle-stop 1")], { idleVersion: 2 }),
        fault("of version 1", "a script (in base64) with a line # frugal-idle-stop 2"),
      );
      violates(await judge([notebook, script("autostop.py")], { idleMarker: "autostop.py", idleVersion: 0 }));
      violates(await judge([notebook, broken(lifecycle, "onStart", undefined)]), fault("absent"));
      violates(await judge([notebook, broken(lifecycle, "onStart", 7)]), fault("7"));
      violates(await judge([notebook, script("")]), fault("empty"));
      violates(await judge([notebook, script("# frugal-idle-stop v2\n#   frugal-idle-stop 1")]));
      violates(await judge([notebook, script("# frugal-idle-stop x2")]), fault("without it"));
      violates(
        await judge([notebook, script("ls")], { idleVersion: 0 }),
        fault("without it", "a script (in base64) with a line # frugal-idle-stop"),
      );
      violates(await judge([notebook, script("echo # frugal-idle-stop 1")]), fault("without it"));
      notes(await judge([notebook, broken(lifecycle, "onStart", UNKNOWN)]), waits(path, SCRIPT));
    });

    for (const [kind, resource, block, alone] of [
      ["domain", domain, `defaultUserSettings.jupyterLabAppSettings.${IDLE}`, []],
      ["domain", domain, `defaultUserSettings.codeEditorAppSettings.${IDLE}`, []],
      ["domain, shared spaces", domain, `defaultSpaceSettings.jupyterLabAppSettings.${IDLE}`, []],
      ["user profile", profile, `userSettings.jupyterLabAppSettings.${IDLE}`, [domain]],
    ] as const) {
      it(`${provider}: ${kind}, ${block}`, async () => {
        const change = (leaf: string, value: unknown, config = {}) =>
          judge([broken(resource, `${block}.${leaf}`, value), ...alone], config);
        for (const [value, shown] of [
          ["DISABLED", '"DISABLED"'],
          [undefined, "absent"],
          [true, "true"],
        ] as const) {
          violates(await change("lifecycleManagement", value), off(`${block}.lifecycleManagement`, shown));
        }
        for (const leaf of ["idleTimeoutInMinutes", "maxIdleTimeoutInMinutes"]) {
          violates(await change(leaf, 120));
          violates(await change(leaf, 121), minutes(`${block}.${leaf}`, "121"));
          violates(await change(leaf, undefined), minutes(`${block}.${leaf}`, "absent"));
          notes(await change(leaf, UNKNOWN), waits(`${block}.${leaf}`, "a number of minutes up to 120"));
        }
        notes(await change("lifecycleManagement", UNKNOWN), waits(`${block}.lifecycleManagement`, "ENABLED"));
        const short = await change("idleTimeoutInMinutes", 60, { idleMinutes: 60 });
        violates(
          short.filter(({ text }) => text.includes(block)),
          minutes(`${block}.maxIdleTimeoutInMinutes`, "120", 60),
        );
        notes(await judge([broken(resource, block, UNKNOWN), ...alone]), waits(block, "ENABLED"));
        violates(await judge([broken(resource, block, 7), ...alone]), off(block, "7"));
      });
    }

    it(`${provider}: a domain without settings, and without shared spaces`, async () => {
      const block = `defaultUserSettings.codeEditorAppSettings`;
      violates(
        await judge([broken(domain, block, undefined)]),
        off(`${block}.${IDLE}.lifecycleManagement`, "absent"),
        minutes(`${block}.${IDLE}.idleTimeoutInMinutes`, "absent"),
        minutes(`${block}.${IDLE}.maxIdleTimeoutInMinutes`, "absent"),
      );
      violates(await judge([broken(domain, "defaultSpaceSettings", undefined)]));
    });

    it(`${provider}: a profile and a space inherit from the program's domain, else they say it themselves`, async () => {
      const bare = broken(profile, "userSettings.jupyterLabAppSettings", undefined);
      violates(await judge([bare, domain]));
      const path = (app: string, leaf: string) => `userSettings.${app}AppSettings.${IDLE}.${leaf}`;
      violates(
        await judge([bare]),
        ...["jupyterLab", "codeEditor"].flatMap((name) => [
          off(path(name, "lifecycleManagement"), "absent"),
          minutes(path(name, "idleTimeoutInMinutes"), "absent"),
          minutes(path(name, "maxIdleTimeoutInMinutes"), "absent"),
        ]),
      );
      const at = `spaceSettings.jupyterLabAppSettings.${IDLE}.idleTimeoutInMinutes`;
      violates(await judge([space]));
      violates(await judge([broken(space, at, 121)]), minutes(at, "121"));
      violates(await judge([broken(space, at, 121), domain]), minutes(at, "121"));
      violates(await judge([broken(space, at, undefined), domain]));
      violates(await judge([broken(space, at, undefined)]), minutes(at, "absent"));
      notes(await judge([broken(space, at, UNKNOWN)]), waits(at, "a number of minutes up to 120"));
      const editor = `spaceSettings.codeEditorAppSettings.${IDLE}.idleTimeoutInMinutes`;
      violates(await judge([broken(space, "spaceSettings.appType", "CodeEditor")]), minutes(editor, "absent"));
      violates(await judge([broken(space, "spaceSettings.appType", undefined)]), minutes(editor, "absent"));
    });

    it(`${provider}: an app stops by itself, or is not declared`, async () => {
      violates(await judge([app, domain]));
      violates(await judge([broken(app, "appType", "CodeEditor"), domain]));
      for (const [value, shown] of [
        ["KernelGateway", '"KernelGateway"'],
        ["Canvas", '"Canvas"'],
        [undefined, "absent"],
      ] as const) {
        violates(
          await judge([broken(app, "appType", value), domain]),
          `idle-shutdown/app: appType is ${shown}, must be ${STOPS}. Let people start the app from a space, or use a type that stops by itself.`,
        );
      }
      violates(
        await judge([app]),
        'idle-shutdown/app: appType is "JupyterLab", must be "JupyterLab" of a domain of this program, whose idle settings are seen. Declare it beside them.',
      );
      // Studio's own machine is not billed.
      violates(await judge([broken(broken(app, "appType", "JupyterServer"), "resourceSpec.instanceType", "system")]));
      violates(
        await judge([broken(broken(app, "appType", "JupyterServer"), "resourceSpec.instanceType", "ml.t3.medium")]),
        `idle-shutdown/app: appType is "JupyterServer", must be ${STOPS}. Let people start the app from a space, or use a type that stops by itself.`,
      );
      notes(await judge([broken(app, "appType", UNKNOWN)]), waits("appType", STOPS));
      notes(await judge([broken(app, "appType", UNKNOWN), domain]), waits("appType", STOPS));
    });
  }
});
