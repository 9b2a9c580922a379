/**
 * Overhears what the engine configures. Of the stack the library passes on its tags, not whether it is previewed. The library shows a rule its own settings and no level, neither its own nor
 * another's; but it takes the engine's message apart with the function that stands in the service's public definition, and
 * there the whole of it passes by. The engine sends it once, before the first resource, with the level of every rule.
 */
import analyzer from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import { learnOperation } from "./operation.ts";
import { type Configured, PACK_RULE, startRun } from "./run.ts";

/** In the order of the wire's `EnforcementLevel` (`@pulumi/pulumi/proto/analyzer_pb`). */
const LEVELS: readonly Configured["level"][] = ["advisory", "mandatory", "disabled", "remediate"];

/** As much of `ConfigureAnalyzerRequest` as is used. */
interface Message {
  getPolicyconfigMap(): {
    entries(): Iterable<
      readonly [
        string,
        { getEnforcementlevel(): number; getProperties(): { toJavaScript(): Record<string, unknown> } | undefined },
      ]
    >;
  };
}

/**
 * Must be called before the library starts to serve.
 * @param then called with each configuration, before the first resource
 */
export function overhearConfiguration(then: () => void = () => {}): void {
  startRun({ served: true });
  const { configure: rules, configureStack: stack } = (analyzer as unknown as Definition).AnalyzerService;
  overhear(stack, (message) => learnOperation(message.getDryRun()));
  overhear(rules, (message) => {
    configure(message);
    then();
  });
}

function overhear<Message>(method: Method<Message>, listen: (message: Message) => void): void {
  const deserialize = method.requestDeserialize;
  method.requestDeserialize = (bytes) => {
    const message = deserialize(bytes);
    listen(message);
    return message;
  };
}

interface Method<Message> {
  requestDeserialize: (bytes: Uint8Array) => Message;
}
interface Definition {
  readonly AnalyzerService: {
    readonly configure: Method<Message>;
    /** `AnalyzerStackConfigureRequest` */
    readonly configureStack: Method<{ getDryRun(): boolean }>;
  };
}

/** Throws, which ends the run, when the rule that judges the configuration is switched off: it could not say so itself. */
function configure(message: Message): void {
  const configuration = new Map<string, Configured>();
  for (const [rule, config] of message.getPolicyconfigMap().entries()) {
    const level = LEVELS[config.getEnforcementlevel()] ?? "disabled";
    configuration.set(rule, { level, settings: config.getProperties()?.toJavaScript() ?? {} });
  }
  if (configuration.get(PACK_RULE)?.level === "disabled") {
    // gRPC keeps an error's words to itself.
    console.error(`${PACK_RULE} is "disabled", must be mandatory, or advisory where nothing is enforced.`);
    throw new Error("refused configuration");
  }
  startRun({ served: true, configuration });
}
