import rule from "../../../policies/cost/job-runtime-bounded.ts";
import { JOB, MONITOR } from "../../../policies/support/families.ts";
import { broken, compliant, compliantOf, PROVIDERS, type Provider } from "../support/fixtures.ts";
import { analyze, notes, type Resource, UNKNOWN, violates } from "../support/harness.ts";

const LATER = "It is judged at update, before the resource is touched.";
const MOST = 14_400;
const SECONDS = `a number of seconds up to ${MOST}`;
const IN_SIGHT = `${SECONDS}, or an expression that ends there: {% $min([…, ${MOST}]) %}`;
const WRITE = "Write the longest time that it may run.";
const runtime = (path: string, shown: string, limit = SECONDS) =>
  `job-runtime-bounded/runtime: ${path} is ${shown}, must be ${limit}. ${WRITE}`;
const RUNTIME = "stoppingCondition.maxRuntimeInSeconds";
const waits = (path: string, limit: string) =>
  `job-runtime-bounded/waits: ${path} is not known yet, must be ${limit}. ${LATER}`;

const only = (type: string): Resource => {
  const [found] = compliantOf(type);
  if (!found) throw new Error(type);
  return found;
};

const SCHEDULED = "monitoringScheduleConfig.monitoringJobDefinition";
const PLACES: readonly (readonly [type: string, path: string])[] = [
  [JOB.native, "stoppingCondition"],
  [JOB.training, "stoppingCondition"],
  [JOB.tuning, "trainingJobDefinition.stoppingCondition"],
  [MONITOR.dataQuality, "stoppingCondition"],
  [MONITOR.modelQuality, "stoppingCondition"],
  [MONITOR.bias, "stoppingCondition"],
  [MONITOR.explainability, "stoppingCondition"],
  [MONITOR.classicDataQuality, "stoppingCondition"],
  [MONITOR.schedule, `${SCHEDULED}.stoppingCondition`],
  [MONITOR.classicSchedule, `${SCHEDULED}.stoppingConditions[0]`],
];

/** A state machine of one Task, in the provider's form. */
function machine(provider: Provider, state: Record<string, unknown>): [Resource, string] {
  const task = { Type: "Task", End: true, ...state };
  const definition = { StartAt: "Run", States: { Run: task } };
  const resource = compliant(provider, "stateMachine");
  const value = provider === "native" ? definition : JSON.stringify(definition);
  return [broken(resource, "definition", value), "definition.States.Run"];
}
const sagemaker = (call: string, sync = ".sync") => `arn:aws:states:::sagemaker:${call}${sync}`;

describe("job-runtime-bounded", () => {
  for (const [type, condition] of PLACES) {
    it(`${type}: the limit, and around it`, async () => {
      const path = `${condition}.maxRuntimeInSeconds`;
      const job = only(type);
      // What waits for spare capacity waits longer than it runs.
      const roomy = type === JOB.training ? broken(job, "stoppingCondition.maxWaitTimeInSeconds", 99_999) : job;
      for (const [value, shown] of [
        [MOST + 1, String(MOST + 1)],
        [0, "0"],
        [undefined, "absent"],
        [String(MOST), `"${MOST}"`],
        ["{% $min([1, 2]) %}", '"{% $min([1, 2]) %}"'],
      ] as const) {
        violates(await analyze(rule, broken(roomy, path, value)), runtime(path, shown));
      }
      violates(await analyze(rule, broken(roomy, path, MOST)));
      notes(await analyze(rule, broken(roomy, path, UNKNOWN)), waits(path, SECONDS));
      violates(
        await analyze(rule, broken(roomy, path, 3600), { config: { jobSeconds: 1800 } }),
        runtime(path, "3600", "a number of seconds up to 1800"),
      );
      if (condition.endsWith("[0]")) return;
      violates(
        await analyze(rule, broken(job, condition, undefined)).then((found) => found.slice(0, 1)),
        runtime(path, "absent"),
      );
    });
  }

  it("schedules: a list of conditions, none, and a definition by name", async () => {
    const list = only(MONITOR.classicSchedule);
    for (const value of [[], undefined])
      violates(
        await analyze(rule, broken(list, `${SCHEDULED}.stoppingConditions`, value)),
        runtime(`${SCHEDULED}.stoppingConditions`, "absent"),
      );
    for (const type of [MONITOR.schedule, MONITOR.classicSchedule])
      violates(await analyze(rule, broken(only(type), SCHEDULED, undefined)));
  });

  it("training on spare capacity waits and keeps checkpoints", async () => {
    const job = only(JOB.training);
    const wait = "stoppingCondition.maxWaitTimeInSeconds";
    const waitFault = (shown: string) =>
      `job-runtime-bounded/wait: ${wait} is ${shown}, must be a number of seconds, 3600 or more. Write how long it may wait for spare capacity and run together.`;
    violates(await analyze(rule, broken(job, wait, 3600)));
    violates(await analyze(rule, broken(job, wait, 3599)), waitFault("3599"));
    violates(await analyze(rule, broken(job, wait, undefined)), waitFault("absent"));
    violates(await analyze(rule, broken(job, wait, "7200")), waitFault('"7200"'));
    // Only a state machine computes.
    violates(await analyze(rule, broken(job, wait, "{% $wait %}")), waitFault('"{% $wait %}"'));
    violates(
      await analyze(rule, broken(broken(job, RUNTIME, undefined), wait, 0)),
      runtime(RUNTIME, "absent"),
      waitFault("0").replace("3600", "the running time"),
    );
    notes(await analyze(rule, broken(job, wait, UNKNOWN)), waits(wait, "a number of seconds, 3600 or more"));

    const place = "checkpointConfig.s3Uri";
    const keep = (shown: string) =>
      `job-runtime-bounded/checkpoint: ${place} is ${shown}, must be a place in S3. Keep checkpoints: without them an interruption begins at nothing.`;
    violates(await analyze(rule, broken(job, "checkpointConfig", undefined)), keep("absent"));
    violates(await analyze(rule, broken(job, place, "/opt/ml/checkpoints")), keep('"/opt/ml/checkpoints"'));
    violates(await analyze(rule, broken(job, place, "{% $place %}")), keep('"{% $place %}"'));
    violates(await analyze(rule, broken(job, place, 7)), keep("7"));
    notes(await analyze(rule, broken(job, place, UNKNOWN)), waits(place, "a place in S3"));
    // Without it, neither is asked for.
    const plain = broken(broken(job, "checkpointConfig", undefined), wait, undefined);
    for (const value of [false, undefined, "{% $spot %}"])
      violates(await analyze(rule, broken(plain, "enableManagedSpotTraining", value)));
    notes(
      await analyze(rule, broken(plain, "enableManagedSpotTraining", UNKNOWN)),
      waits("enableManagedSpotTraining", "known, as training that may be interrupted needs checkpoints"),
    );
  });

  it("long training uses spare capacity, where the stage asks for it", async () => {
    const config = { spotSeconds: 600 };
    const job = only(JOB.training);
    const at = "enableManagedSpotTraining";
    const spot = (shown: string) =>
      `job-runtime-bounded/spot: ${at} is ${shown}, must be true for training of more than 600 seconds. Use spare capacity with checkpoints, or give it less time.`;
    violates(await analyze(rule, job, { config }));
    for (const [value, shown] of [
      [false, "false"],
      [undefined, "absent"],
      ["true", '"true"'],
      ["{% $spot %}", '"{% $spot %}"'],
    ] as const) {
      violates(await analyze(rule, broken(job, at, value), { config }), spot(shown));
      const short = broken(broken(job, at, value), "stoppingCondition.maxRuntimeInSeconds", 600);
      violates(await analyze(rule, short, { config }));
      const longer = broken(short, "stoppingCondition.maxRuntimeInSeconds", 601);
      violates(await analyze(rule, longer, { config }), spot(shown));
    }
    notes(
      await analyze(rule, broken(job, at, UNKNOWN), { config }),
      waits(at, "true for training of more than 600 seconds"),
    );
    // Data jobs know no spare capacity.
    violates(await analyze(rule, only(JOB.native), { config }));
  });

  it("tuning: one definition, several, or none that can be read", async () => {
    const job = only(JOB.tuning);
    const definition = job.props.trainingJobDefinition as Record<string, unknown>;
    const several = (...list: unknown[]) =>
      broken(broken(job, "trainingJobDefinition", undefined), "trainingJobDefinitions", list);
    violates(await analyze(rule, several(definition, definition)));
    violates(
      await analyze(rule, several(definition, { ...definition, stoppingCondition: { maxRuntimeInSeconds: 99_999 } })),
      runtime("trainingJobDefinitions[1].stoppingCondition.maxRuntimeInSeconds", "99999"),
    );
    const bad = { ...definition, stoppingCondition: { maxRuntimeInSeconds: 99_999 } };
    violates(
      await analyze(rule, broken(several(definition), "trainingJobDefinition", bad)),
      runtime("trainingJobDefinition.stoppingCondition.maxRuntimeInSeconds", "99999"),
    );
    violates(
      await analyze(rule, several(definition, null)),
      "job-runtime-bounded/shape: trainingJobDefinitions[1] is absent, must be a list of jobs. Write the jobs out.",
    );
    violates(
      await analyze(rule, several(definition, 7)),
      "job-runtime-bounded/shape: trainingJobDefinitions[1] is 7, must be a list of jobs. Write the jobs out.",
    );
    notes(
      await analyze(rule, broken(several(), "trainingJobDefinitions", UNKNOWN)),
      waits("trainingJobDefinitions", "a list of jobs"),
    );
    violates(
      await analyze(rule, broken(job, "trainingJobDefinition", undefined)),
      runtime("trainingJobDefinition.stoppingCondition.maxRuntimeInSeconds", "absent"),
    );
  });

  for (const provider of PROVIDERS) {
    it(`${provider}: jobs that a state machine starts`, async () => {
      for (const Resource of [
        sagemaker("createTrainingJob"),
        sagemaker("createProcessingJob", ""),
        "arn:aws:states:::aws-sdk:sagemaker:createTrainingJob",
        "arn:aws-us-gov:states:::aws-sdk:sagemaker:createProcessingJob",
      ]) {
        for (const key of ["Arguments", "Parameters"]) {
          const judge = async (value: unknown) => {
            const [resource, at] = machine(provider, { Resource, [key]: { StoppingCondition: value } });
            return [await analyze(rule, resource), `${at}.${key}.StoppingCondition`] as const;
          };
          for (const [value, shown] of [
            [MOST + 1, String(MOST + 1)],
            [undefined, "absent"],
            ["{% $plan.seconds %}", '"{% $plan.seconds %}"'],
            [`{% $min([$plan.seconds, ${MOST + 1}]) %}`, `"{% $min([$plan.seconds, ${MOST + 1}]) %}"`],
            ["{% $min([$plan.seconds, $plan.most]) %}", '"{% $min([$plan.seconds, $plan.most]) %}"'],
            [`{% $max([$plan.seconds, 60]) %}`, '"{% $max([$plan.seconds, 60]) %}"'],
          ] as const) {
            const [found, at] = await judge({ MaxRuntimeInSeconds: value });
            violates(found, runtime(`${at}.MaxRuntimeInSeconds`, shown, IN_SIGHT));
          }
          for (const value of [MOST, `{% $min([$plan.seconds, ${MOST}]) %}`, "{% $min([ $a ? 1 : 2 , 60 ]) %}"])
            violates((await judge({ MaxRuntimeInSeconds: value }))[0]);
          const [bare, at] = await judge(undefined);
          violates(bare, runtime(`${at}.MaxRuntimeInSeconds`, "absent", IN_SIGHT));
        }
      }
    });

    it(`${provider}: a whole stopping condition that is computed`, async () => {
      const judge = async (StoppingCondition: string) => {
        const [resource, at] = machine(provider, {
          Resource: sagemaker("createTrainingJob"),
          Arguments: { StoppingCondition },
        });
        return [await analyze(rule, resource), `${at}.Arguments.StoppingCondition`] as const;
      };
      const bounded = (most: number) =>
        `{% $merge([$plan.stop, {'MaxRuntimeInSeconds': $min([$plan.stop.MaxRuntimeInSeconds, ${most}])}]) %}`;
      violates((await judge(bounded(MOST)))[0]);
      const [waiting] = machine(provider, {
        Resource: sagemaker("createTrainingJob"),
        Arguments: {
          StoppingCondition: bounded(MOST),
          EnableManagedSpotTraining: true,
          CheckpointConfig: { S3Uri: "s3://a-bucket/x" },
        },
      });
      violates(await analyze(rule, waiting));
      const limit = `an object with such a limit, or {% $merge([…, {'MaxRuntimeInSeconds': $min([…, ${MOST}])}]) %}`;
      for (const value of [
        bounded(MOST + 1),
        "{% $plan.stop %}",
        "{% $min([1, 60]) %}",
        `{% $merge([{'MaxRuntimeInSeconds': $min([1, ${MOST}])}, $plan.stop]) %}`,
      ]) {
        const [found, at] = await judge(value);
        violates(found, runtime(at, JSON.stringify(value), limit));
      }
    });

    it(`${provider}: JSONPath's computed values are not seen`, async () => {
      const [whole, at] = machine(provider, {
        Resource: sagemaker("createTrainingJob"),
        Parameters: { "StoppingCondition.$": "$.stop" },
      });
      violates(await analyze(rule, whole), runtime(`${at}.Parameters["StoppingCondition.$"]`, '"$.stop"', IN_SIGHT));
      const [leaf] = machine(provider, {
        Resource: sagemaker("createTrainingJob"),
        Parameters: { StoppingCondition: { "MaxRuntimeInSeconds.$": "$.seconds" } },
      });
      violates(
        await analyze(rule, leaf),
        runtime(`${at}.Parameters.StoppingCondition["MaxRuntimeInSeconds.$"]`, '"$.seconds"', IN_SIGHT),
      );
    });

    it(`${provider}: spare capacity in a state machine`, async () => {
      const StoppingCondition = { MaxRuntimeInSeconds: 3600 };
      const judge = async (more: Record<string, unknown>, config: Record<string, unknown> = { spotSeconds: 600 }) => {
        const [resource] = machine(provider, {
          Resource: sagemaker("createTrainingJob"),
          Arguments: { StoppingCondition, ...more },
        });
        return analyze(rule, resource, { config });
      };
      const at = "definition.States.Run.Arguments";
      violates(
        await judge({}),
        `job-runtime-bounded/spot: ${at}.EnableManagedSpotTraining is absent, must be true for training of more than 600 seconds. Use spare capacity with checkpoints, or give it less time.`,
      );
      violates(await judge({}, { spotSeconds: 0 }));
      const kept = { CheckpointConfig: { S3Uri: "{% $plan.checkpoints %}" } };
      // Left to the request.
      violates(await judge({ EnableManagedSpotTraining: "{% $plan.spot %}", ...kept }));
      const lost = `job-runtime-bounded/checkpoint: ${at}.CheckpointConfig.S3Uri is absent, must be a place in S3. Keep checkpoints: without them an interruption begins at nothing.`;
      violates(await judge({ EnableManagedSpotTraining: "{% $plan.spot %}" }), lost);
      const wait = `job-runtime-bounded/wait: ${at}.StoppingCondition.MaxWaitTimeInSeconds is absent, must be a number of seconds, 3600 or more. Write how long it may wait for spare capacity and run together.`;
      violates(await judge({ EnableManagedSpotTraining: true, ...kept }), wait);
      const waiting = { StoppingCondition: { ...StoppingCondition, MaxWaitTimeInSeconds: "{% $plan.wait %}" } };
      violates(await judge({ EnableManagedSpotTraining: true, ...kept, ...waiting }));
    });

    it(`${provider}: batch transforms, which have no limit of their own`, async () => {
      const fault = (shown: string) =>
        `job-runtime-bounded/transform: definition.States.Run.TimeoutSeconds is ${shown}, must be a number of seconds up to ${MOST}. Write it, and let the state's Catch stop the job.`;
      for (const Resource of [
        sagemaker("createTransformJob"),
        "arn:aws:states:::aws-sdk:sagemaker:createTransformJob",
      ]) {
        const judge = (TimeoutSeconds: unknown, config = {}) =>
          analyze(rule, machine(provider, { Resource, Arguments: {}, TimeoutSeconds })[0], { config });
        violates(await judge(MOST));
        violates(await judge(MOST + 1), fault(String(MOST + 1)));
        violates(await judge(undefined), fault("absent"));
        violates(await judge("{% $seconds %}"), fault('"{% $seconds %}"'));
        violates(await judge(MOST, { transformSeconds: MOST }));
      }
    });

    it(`${provider}: tuning and AutoML in a state machine`, async () => {
      const tune = (input: Record<string, unknown>) =>
        analyze(rule, machine(provider, { Resource: sagemaker("createHyperParameterTuningJob"), Arguments: input })[0]);
      const at = "definition.States.Run.Arguments";
      const stop = (MaxRuntimeInSeconds: number) => ({ StoppingCondition: { MaxRuntimeInSeconds } });
      violates(await tune({ TrainingJobDefinition: stop(MOST) }));
      violates(await tune({ TrainingJobDefinitions: [stop(1), stop(2)] }));
      violates(await tune({}), runtime(`${at}.TrainingJobDefinition`, "absent", IN_SIGHT));
      violates(
        await tune({ TrainingJobDefinitions: [stop(1), stop(99_999), 7] }),
        runtime(`${at}.TrainingJobDefinitions[1].StoppingCondition.MaxRuntimeInSeconds`, "99999", IN_SIGHT),
        runtime(`${at}.TrainingJobDefinitions[2]`, "7", IN_SIGHT),
      );
      for (const call of ["createAutoMLJob", "createAutoMLJobV2"]) {
        const auto = (input: Record<string, unknown>) =>
          analyze(
            rule,
            machine(provider, { Resource: `arn:aws:states:::aws-sdk:sagemaker:${call}`, Arguments: input })[0],
          );
        const criteria = (MaxAutoMLJobRuntimeInSeconds: number) => ({
          AutoMLProblemTypeConfig: { TabularJobConfig: { CompletionCriteria: { MaxAutoMLJobRuntimeInSeconds } } },
        });
        violates(await auto(criteria(MOST)));
        const path = "AutoMLProblemTypeConfig.TabularJobConfig.CompletionCriteria.MaxAutoMLJobRuntimeInSeconds";
        violates(await auto(criteria(MOST + 1)), runtime(`${at}.${path}`, String(MOST + 1), IN_SIGHT));
        violates(await auto({}), runtime(`${at}.MaxAutoMLJobRuntimeInSeconds`, "absent", IN_SIGHT));
      }
    });

    it(`${provider}: other calls are left alone, and what is hidden is said`, async () => {
      const [other] = machine(provider, { Resource: "arn:aws:states:::lambda:invoke", Arguments: {} });
      violates(await analyze(rule, other));
      notes(
        await analyze(rule, broken(other, "definition", UNKNOWN)),
        waits("definition", `jobs of ${MOST} seconds or less`),
      );
    });
  }

  it("native: hidden parts of a definition", async () => {
    const [job, at] = machine("native", { Resource: sagemaker("createTrainingJob"), Arguments: UNKNOWN });
    notes(await analyze(rule, job), waits(at, `jobs of ${MOST} seconds or less`));
    const [resource] = machine("native", { Resource: UNKNOWN });
    notes(await analyze(rule, resource), waits(`${at}.Resource`, `jobs of ${MOST} seconds or less`));
    const stop = { StoppingCondition: { MaxRuntimeInSeconds: UNKNOWN } };
    const [leaf] = machine("native", { Resource: sagemaker("createProcessingJob"), Arguments: stop });
    notes(await analyze(rule, leaf), waits(`${at}.Arguments.StoppingCondition.MaxRuntimeInSeconds`, IN_SIGHT));
  });
});
