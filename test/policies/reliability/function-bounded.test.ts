import rule from "../../../policies/reliability/function-bounded.ts";
import { broken, compliant, PROVIDERS } from "../support/fixtures.ts";
import { analyzeStack, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const CODE = "arn:aws:lambda:us-east-1:111122223333:function:";
const GATE = `${CODE}frugal-prod-gate`;
const QUEUE = "arn:aws:sqs:us-east-1:111122223333:frugal-prod-failed-events";
const AGAIN = "It is judged again when the update has made it known.";
const OUTSIDE = "known, as a function that is called from outside needs limits of its own";
const waits = (path: string, limit: string) =>
  `function-bounded/waits: ${path} is not known yet, must be ${limit}. ${AGAIN}`;

describe("function-bounded", () => {
  for (const provider of PROVIDERS) {
    const isNative = provider === "native";
    const fn = compliant(provider, "function");
    const nameOf = isNative ? "functionName" : "name";
    const integration = compliant(provider, "integration");
    const judge = (...resources: Resource[]) => analyzeStack(rule, resources);
    const timeout = (shown: string, limit: string) =>
      `function-bounded/timeout: timeout is ${shown}, must be ${limit}. Write how long it may take; the default is 3 seconds.`;
    const failures = (words: string, qualifier = "") =>
      `function-bounded/failures: deadLetterConfig.targetArn is absent, must be the ARN of a queue or topic, or beside a failure destination${qualifier}, as ${words} does not wait. Keep the events that it fails on; after two retries they are gone.`;
    /** An event rule (classic: its target) that calls `arn`. */
    const ruleFor = (arn: unknown): Resource =>
      isNative
        ? broken(compliant("native", "eventRule"), "targets[0].arn", arn)
        : broken(compliant("classic", "eventTarget"), "arn", arn);
    const ruleWords = isNative ? 'Rule "eventRule"' : 'EventTarget "eventTarget"';

    it(`${provider}: the timeout is written, within Lambda's own`, async () => {
      for (const value of [1, 899, 900]) violates(await judge(broken(fn, "timeout", value)));
      for (const [value, shown] of [
        [undefined, "absent"],
        [0, "0"],
        [901, "901"],
        ["60", '"60"'],
      ] as const)
        violates(await judge(broken(fn, "timeout", value)), timeout(shown, "above 0 and up to 900"));
      notes(await judge(broken(fn, "timeout", UNKNOWN)), waits("timeout", "above 0 and up to 900"));
    });

    it(`${provider}: the timeout is below the caller's limit`, async () => {
      const at = isNative ? "timeoutInMillis" : "timeoutMilliseconds";
      const api = (seconds: number) => `above 0 and below ${seconds}, as Integration "integration" waits no longer`;
      violates(await judge(broken(fn, "timeout", 28), integration));
      violates(await judge(broken(fn, "timeout", 29), integration), timeout("29", api(29)));
      const whole = broken(integration, at, undefined);
      violates(await judge(broken(fn, "timeout", 29), whole));
      violates(await judge(broken(fn, "timeout", 30), whole), timeout("30", api(30)));
      // The shortest of several counts.
      const hasty = { ...broken(integration, at, 5000), name: "hasty" };
      violates(
        await judge(fn, integration, hasty),
        timeout("25", 'above 0 and below 5, as Integration "hasty" waits no longer'),
      );
      violates(
        await judge(fn, hasty, integration),
        timeout("25", 'above 0 and below 5, as Integration "hasty" waits no longer'),
      );
      violates(
        await judge(broken(fn, "timeout", 29), integration, { ...integration, name: "b" }),
        timeout("29", api(29)),
      );
      const address = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${GATE}:live/invocations`;
      violates(
        await judge(broken(fn, "timeout", 29), broken(integration, "integrationUri", address)),
        timeout("29", api(29)),
      );
    });

    it(`${provider}: an API that makes its integration itself lets callers in as well`, async () => {
      const api = broken(compliant(provider, "api"), "target", GATE);
      violates(await judge(fn, api));
      violates(
        await judge(broken(fn, "timeout", 30), api),
        timeout("30", 'above 0 and below 30, as Api "api" waits no longer'),
      );
      notes(await judge(fn, broken(api, "target", UNKNOWN)), waits("target", OUTSIDE));
    });

    it(`${provider}: a state machine waits longer than the function takes`, async () => {
      const calling = (state: Record<string, unknown>): Resource => {
        const definition = { StartAt: "Call", States: { Call: { Type: "Task", End: true, ...state } } };
        const value = isNative ? definition : JSON.stringify(definition);
        return broken(compliant(provider, "stateMachine"), "definition", value);
      };
      const invoke = { Resource: "arn:aws:states:::lambda:invoke", TimeoutSeconds: 25 };
      const limit = 'above 0 and below 25, as "stateMachine" definition.States.Call waits no longer';
      for (const state of [
        { ...invoke, Arguments: { FunctionName: GATE } },
        { ...invoke, Parameters: { FunctionName: "frugal-prod-gate" } },
        { ...invoke, Parameters: { FunctionName: "frugal-prod-gate:live" } },
        { ...invoke, Parameters: { FunctionName: "111122223333:function:frugal-prod-gate:$LATEST" } },
        { Resource: GATE, TimeoutSeconds: 25 },
        { Resource: "arn:aws:states:::aws-sdk:lambda:invoke", TimeoutSeconds: 25, Arguments: { FunctionName: GATE } },
      ])
        violates(await judge(fn, calling(state)), timeout("25", limit));
      violates(await judge(fn, calling({ ...invoke, TimeoutSeconds: 26, Arguments: { FunctionName: GATE } })));
      violates(
        await judge(
          broken(fn, "timeout", 900),
          calling({ ...invoke, TimeoutSeconds: 900, Arguments: { FunctionName: GATE } }),
        ),
        timeout("900", 'above 0 and below 900, as "stateMachine" definition.States.Call waits no longer'),
      );
      for (const other of [
        "{% $which %}",
        "frugal-prod-gate/x",
        "x/frugal-prod-gate",
        "a:frugal-prod-gate",
        GATE.slice(1),
      ])
        violates(await judge(fn, calling({ ...invoke, Arguments: { FunctionName: other } })));
      violates(await judge(fn, calling({ ...invoke, Resource: "arn:aws:states:::lambda:invoked" })));
      // There the limit is the answer's.
      const asking = { Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", TimeoutSeconds: 20 };
      violates(await judge(fn, calling({ ...asking, Arguments: { FunctionName: GATE } })));
      const event = { ...invoke, TimeoutSeconds: 60, Arguments: { FunctionName: GATE, InvocationType: "Event" } };
      violates(await judge(fn, calling(event)), failures('"stateMachine" definition.States.Call'));
    });

    it(`${provider}: concurrency is reserved where strangers call`, async () => {
      const url = compliant(provider, "functionUrl");
      const open = broken(fn, "reservedConcurrentExecutions", undefined);
      const concurrency = (words: string, shown = "absent") =>
        `function-bounded/concurrency: reservedConcurrentExecutions is ${shown}, must be 0 or more, as ${words} lets callers in. Reserve what it may take; otherwise a flood of calls stops every other function of the account.`;
      violates(await judge(open));
      violates(await judge(open, ruleFor(GATE), compliant(provider, "invokeConfig")));
      violates(await judge(open, integration), concurrency('Integration "integration"'));
      violates(await judge(open, url), concurrency(isNative ? 'Url "functionUrl"' : 'FunctionUrl "functionUrl"'));
      // The classic provider's word for none.
      const none = broken(fn, "reservedConcurrentExecutions", -1);
      violates(await judge(none, integration), concurrency('Integration "integration"', "-1"));
      violates(await judge(broken(fn, "reservedConcurrentExecutions", 0), integration));
      notes(
        await judge(broken(fn, "reservedConcurrentExecutions", UNKNOWN), integration),
        waits("reservedConcurrentExecutions", '0 or more, as Integration "integration" lets callers in'),
      );
      const permission = broken(
        compliant(provider, "permission"),
        isNative ? "functionName" : "function",
        "frugal-prod-gate",
      );
      for (const principal of [
        "*",
        "222233334444",
        "alexa-appkit.amazonaws.com",
        "vpc-lattice.amazonaws.com",
        "arn:aws:iam::222233334444:root",
        "apigateway.amazonaws.com",
      ]) {
        const words = concurrency('Permission "permission"');
        violates(await judge(open, broken(permission, "principal", principal)), words);
      }
      for (const principal of ["states.amazonaws.com", "xapigateway.amazonaws.com", "sns.amazonaws.com.example.com"])
        violates(await judge(open, broken(permission, "principal", principal)));
    });

    it(`${provider}: what lets callers in and is not known yet`, async () => {
      const open = broken(fn, "reservedConcurrentExecutions", undefined);
      const hidden = broken(integration, "integrationUri", UNKNOWN);
      notes(await judge(open, hidden), waits("integrationUri", OUTSIDE));
      const found = await judge(open, { ...hidden, propertyDependencies: { integrationUri: ["function"] } });
      violates(
        found,
        `function-bounded/concurrency: reservedConcurrentExecutions is absent, must be 0 or more, as Integration "integration" lets callers in. Reserve what it may take; otherwise a flood of calls stops every other function of the account.`,
      );
      const permission = broken(compliant(provider, "permission"), "principal", UNKNOWN);
      notes(await judge(open, permission), waits("principal", OUTSIDE));
    });

    it(`${provider}: an alias stands for its function`, async () => {
      const open = broken(fn, "reservedConcurrentExecutions", undefined);
      const type = isNative ? "aws-native:lambda:Alias" : "aws:lambda/alias:Alias";
      const hidden = {
        ...broken(integration, "integrationUri", UNKNOWN),
        propertyDependencies: { integrationUri: ["alias"] },
      };
      const named: Resource = { type, name: "alias", props: { name: "live", functionName: "frugal-prod-gate" } };
      const referred: Resource = {
        ...broken(named, "functionName", UNKNOWN),
        propertyDependencies: { functionName: ["function"] },
      };
      for (const alias of [named, referred]) {
        const found = await judge(open, alias, hidden);
        violates(
          found,
          `function-bounded/concurrency: reservedConcurrentExecutions is absent, must be 0 or more, as Integration "integration" lets callers in. Reserve what it may take; otherwise a flood of calls stops every other function of the account.`,
        );
      }
    });

    it(`${provider}: failed events go somewhere, whoever does not wait`, async () => {
      const config = compliant(provider, "invokeConfig");
      const schedule = compliant(provider, "schedule");
      violates(await judge(fn, ruleFor(GATE)), failures(ruleWords));
      violates(await judge(fn, schedule), failures('Schedule "schedule"'));
      const subscription = compliant(provider, "subscription");
      const words = `${isNative ? "Subscription" : "TopicSubscription"} "subscription"`;
      violates(await judge(fn, subscription), failures(words));
      violates(await judge(fn, broken(subscription, "protocol", "sqs")));
      const called = broken(compliant(provider, "permission"), isNative ? "functionName" : "function", GATE);
      violates(await judge(fn, broken(called, "principal", "s3.amazonaws.com")), failures('Permission "permission"'));
      // A schedule may call the API itself.
      const universal = broken(schedule, "target.arn", "arn:aws:scheduler:::aws-sdk:lambda:invoke");
      const input = JSON.stringify({ FunctionName: "frugal-prod-gate", InvocationType: "Event" });
      violates(await judge(fn, broken(universal, "target.input", input)), failures('Schedule "schedule"'));
      violates(await judge(fn, broken(universal, "target.input", "{")));

      violates(await judge(fn, ruleFor(GATE), config));
      violates(await judge(broken(fn, "deadLetterConfig", { targetArn: QUEUE }), ruleFor(GATE)));
      violates(await judge(fn, ruleFor(GATE), broken(config, "destinationConfig", undefined)), failures(ruleWords));
      violates(await judge(fn, ruleFor(GATE), broken(config, "functionName", "another")), failures(ruleWords));
      const place = "destinationConfig.onFailure.destination";
      violates(await judge(fn, ruleFor(GATE), broken(config, place, "")), failures(ruleWords));
      violates(await judge(fn, ruleFor(GATE), broken(config, place, UNKNOWN)));
      const empty = broken(fn, "deadLetterConfig", { targetArn: "" });
      violates(await judge(empty, ruleFor(GATE)), failures(ruleWords).replace("is absent", "is empty"));
    });

    it(`${provider}: a failure destination is that of the version called`, async () => {
      const config = compliant(provider, "invokeConfig");
      violates(await judge(fn, ruleFor(`${GATE}:live`), config), failures(ruleWords, " for live"));
      violates(await judge(fn, ruleFor(`${GATE}:live`), broken(config, "qualifier", "live")));
      violates(await judge(fn, ruleFor(GATE), broken(config, "qualifier", "live")), failures(ruleWords));
      violates(await judge(fn, ruleFor(GATE), broken(config, "qualifier", UNKNOWN)));
      violates(await judge(fn, ruleFor(`${GATE}:live`), broken(config, "qualifier", UNKNOWN)));
      const partial = broken(broken(config, "qualifier", undefined), "functionName", `${GATE}:live`);
      violates(await judge(fn, ruleFor(GATE), partial), failures(ruleWords));
      violates(await judge(fn, ruleFor(`${GATE}:live`), partial));
    });

    it(`${provider}: by reference, where names are not known yet`, async () => {
      const property = isNative ? "targets" : "arn";
      const unnamed = broken(fn, nameOf, UNKNOWN);
      const target: Resource = { ...ruleFor(UNKNOWN), propertyDependencies: { [property]: ["function"] } };
      violates(await judge(unnamed, target), failures(ruleWords));
      const config: Resource = {
        ...broken(compliant(provider, "invokeConfig"), "functionName", UNKNOWN),
        propertyDependencies: { functionName: ["function"] },
      };
      violates(await judge(unnamed, target, config));
      const at = isNative ? "targets[0].arn" : "arn";
      notes(await judge(fn, ruleFor(UNKNOWN)), waits(at, "known, as a function must not lose what it starts"));
      const letter = broken(fn, "deadLetterConfig", { targetArn: UNKNOWN });
      notes(await judge(letter, ruleFor(GATE)), waits("deadLetterConfig.targetArn", "the ARN of a queue or topic"));
      // Nobody calls it without waiting.
      violates(await judge(letter));
      const queue = compliant(provider, "workQueue");
      const derived = { ...letter, propertyDependencies: { deadLetterConfig: ["workQueue"] } };
      violates(await judge(derived, queue, ruleFor(GATE)));
    });

    it(`${provider}: what cannot be delivered is kept, and not tried for ever`, async () => {
      const targets: [Resource, string][] = [
        [compliant(provider, "schedule"), "target."],
        [
          isNative ? compliant("native", "eventRule") : compliant("classic", "eventTarget"),
          isNative ? "targets[0]." : "",
        ],
      ];
      for (const [target, at] of targets) {
        const letter = (shown: string) =>
          `function-bounded/target: ${at}deadLetterConfig.arn is ${shown}, must be the ARN of a queue. Keep what cannot be delivered; otherwise it is dropped without a word.`;
        const retry = (shown: string) =>
          `function-bounded/target: ${at}retryPolicy is ${shown}, must be a number of attempts or an age in seconds. Say how long to try; the default is a day.`;
        violates(await judge(target));
        violates(await judge(broken(target, `${at}deadLetterConfig`, undefined)), letter("absent"));
        violates(await judge(broken(target, `${at}deadLetterConfig.arn`, "")), letter("empty"));
        violates(await judge(broken(target, `${at}retryPolicy`, undefined)), retry("absent"));
        violates(await judge(broken(target, `${at}retryPolicy`, {})), retry("{}"));
        notes(
          await judge(broken(target, `${at}retryPolicy`, UNKNOWN)),
          waits(`${at}retryPolicy`, "a number of attempts or an age in seconds"),
        );
        notes(
          await judge(broken(target, `${at}deadLetterConfig.arn`, UNKNOWN)),
          waits(`${at}deadLetterConfig.arn`, "the ARN of a queue"),
        );
      }
      if (!isNative) return;
      const rules = compliant("native", "eventRule");
      const words = "a list of targets with deadLetterConfig and retryPolicy";
      violates(
        await judge(broken(rules, "targets", "x")),
        `function-bounded/target: targets is "x", must be ${words}. Write the targets out.`,
      );
      violates(
        await judge(broken(rules, "targets", [7])),
        `function-bounded/target: targets[0] is 7, must be ${words}. Write the targets out.`,
      );
      violates(await judge(broken(rules, "targets", undefined)));
      notes(await judge(broken(rules, "targets", UNKNOWN)), waits("targets", words));
    });

    it(`${provider}: a queue hides messages for six timeouts of its reader`, async () => {
      const mapping = compliant(provider, "sourceMapping");
      const queue = compliant(provider, "workQueue");
      const at = isNative ? "visibilityTimeout" : "visibilityTimeoutSeconds";
      const hides = (shown: string, least = 150) =>
        `function-bounded/queue: eventSourceArn > "workQueue" ${at} is ${shown}, must be ${least} or more, 6 times the timeout of "function". Hide messages so long that retries of the function do not meet them again.`;
      violates(await judge(fn, mapping, queue));
      violates(await judge(fn, mapping, broken(queue, at, 149)), hides("149"));
      violates(await judge(fn, mapping, broken(queue, at, undefined)), hides("absent"));
      // Half a minute is the queue's own default.
      const unset = broken(queue, at, undefined);
      violates(await judge(broken(fn, "timeout", 5), mapping, unset));
      violates(await judge(broken(fn, "timeout", 6), mapping, unset), hides("absent", 36));
      notes(
        await judge(fn, mapping, broken(queue, at, UNKNOWN)),
        waits(`eventSourceArn > "workQueue" ${at}`, '150 or more, 6 times the timeout of "function"'),
      );
      notes(
        await judge(broken(fn, "timeout", UNKNOWN), mapping, queue),
        waits("timeout", "above 0 and up to 900"),
        waits('functionName > "function" timeout', "known, as the queue hides messages by it"),
      );
      const later: Resource = {
        ...broken(broken(mapping, "eventSourceArn", UNKNOWN), "functionName", UNKNOWN),
        propertyDependencies: { eventSourceArn: ["workQueue"], functionName: ["function"] },
      };
      violates(await judge(fn, later, broken(queue, at, 149)), hides("149"));
      notes(
        await judge(fn, broken(mapping, "functionName", UNKNOWN), queue),
        waits("functionName", "a function of this program"),
      );
    });

    it(`${provider}: a queue that cannot be seen, and a stream`, async () => {
      const mapping = compliant(provider, "sourceMapping");
      const limit = "a queue that hides messages for 6 times its reader's timeout";
      notes(
        await judge(fn, mapping),
        `function-bounded/queue: eventSourceArn is "arn:aws:sqs:us-east-1:111122223333:frugal-prod-work", which this program does not declare, must be ${limit}. Not verified: look at the queue's own program.`,
      );
      notes(await judge(fn, broken(mapping, "eventSourceArn", UNKNOWN)), waits("eventSourceArn", limit));
      violates(
        await judge(fn, broken(mapping, "eventSourceArn", {})),
        `function-bounded/queue: eventSourceArn is {}, must be ${limit}. Name the queue by its ARN.`,
      );
      violates(
        await judge(fn, broken(mapping, "eventSourceArn", "frugal-prod-work")),
        `function-bounded/queue: eventSourceArn is "frugal-prod-work", must be ${limit}. Name the queue by its ARN.`,
      );
      violates(await judge(fn, broken(mapping, "eventSourceArn", undefined)));
      const stream = "arn:aws:kinesis:us-east-1:111122223333:stream/frugal-prod-work";
      violates(await judge(fn, broken(mapping, "eventSourceArn", stream)));
    });
  }
});
