/** Who belongs to whom among the resources, as far as their cost depends on it. */
import { Reader, type Seen, UNSEEN } from "./reader.ts";
import type { Billed } from "./types.ts";

export const ENDPOINT_TYPES = ["aws-native:sagemaker:Endpoint", "aws:sagemaker/endpoint:Endpoint"];
export const CONFIG_TYPES = [
  "aws-native:sagemaker:EndpointConfig",
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
];
const TARGET_TYPES = ["aws-native:applicationautoscaling:ScalableTarget", "aws:appautoscaling/target:Target"];
const POLICY_TYPES = ["aws-native:applicationautoscaling:ScalingPolicy", "aws:appautoscaling/policy:Policy"];

/** How many instances a variant is held at by automatic scaling. */
export interface Scaling {
  readonly least: Seen<number>;
  /** False for a target without a policy: it is raised to the least, and never lowered to it. */
  readonly hasPolicy: boolean;
}

export class Estate {
  readonly #byType = new Map<string, Billed[]>();
  readonly #configs = new Map<string, Billed>();
  readonly #byName = new Map<string, Billed[]>();
  /** Names and URNs of the endpoints. */
  readonly #known = new Set<string>();
  readonly #endpoints = new Map<string, Billed[]>();
  readonly #scaling = new Map<string, Scaling>();

  constructor(resources: readonly Billed[]) {
    for (const resource of resources) push(this.#byType, resource.type, resource);
    for (const config of this.#of(CONFIG_TYPES)) {
      this.#configs.set(config.urn, config);
      const name = new Reader(config.props).text("endpointConfigName", "name");
      if (typeof name === "string") push(this.#byName, name, config);
    }
    for (const endpoint of this.#of(ENDPOINT_TYPES)) {
      const name = new Reader(endpoint.props).text("endpointName", "name");
      if (typeof name === "string") this.#known.add(name);
      this.#known.add(endpoint.urn);
      for (const config of this.configsOf(endpoint)) push(this.#endpoints, config.urn, endpoint);
    }
    this.#readScaling();
  }

  /** The endpoint configs of this program that an endpoint names, or refers to while the name is not known. */
  configsOf(endpoint: Billed): readonly Billed[] {
    const name = new Reader(endpoint.props).text("endpointConfigName");
    if (typeof name === "string") return this.#byName.get(name) ?? this.#referred(endpoint, "endpointConfigName");
    return this.#referred(endpoint, "endpointConfigName");
  }

  #referred(resource: Billed, property: string): readonly Billed[] {
    return (resource.refs?.[property] ?? []).flatMap((urn) => this.#configs.get(urn) ?? []);
  }

  /** The endpoints of this program that use a config. */
  endpointsOf(config: Billed): readonly Billed[] {
    return this.#endpoints.get(config.urn) ?? [];
  }

  /** True when the endpoint that an inference component runs on is of this program, and so billed with it. */
  hasEndpoint(component: Billed): boolean {
    const name = new Reader(component.props).text("endpointName");
    const urns = component.refs?.endpointName ?? [];
    return urns.some((urn) => this.#known.has(urn)) || (typeof name === "string" && this.#known.has(name));
  }

  scalingOf(endpoint: Billed, variant: Seen<string>): Scaling | undefined {
    const name = new Reader(endpoint.props).text("endpointName", "name");
    if (typeof name !== "string" || typeof variant !== "string") return undefined;
    return this.#scaling.get(`endpoint/${name}/variant/${variant}`);
  }

  #of(types: readonly string[]): readonly Billed[] {
    return types.flatMap((type) => this.#byType.get(type) ?? []);
  }

  #readScaling(): void {
    const scaled = new Set<string>();
    for (const policy of this.#of(POLICY_TYPES)) {
      const props = new Reader(policy.props);
      // A target's id is `<resource>|<dimension>|<namespace>` (CloudFormation, AWS::ApplicationAutoScaling::ScalableTarget).
      for (const id of [props.text("resourceId"), props.text("scalingTargetId")]) {
        if (typeof id === "string") scaled.add(id.split("|")[0] ?? "");
      }
      for (const urn of policy.refs?.scalingTargetId ?? []) scaled.add(urn);
    }
    for (const target of this.#of(TARGET_TYPES)) {
      const props = new Reader(target.props);
      const id = props.text("resourceId");
      if (typeof id !== "string") continue;
      this.#scaling.set(id, {
        least: leastOf(props),
        hasPolicy: scaled.has(id) || scaled.has(target.urn),
      });
    }
  }
}

/** The most that the least is ever set to, also by the clock. */
function leastOf(props: Reader): Seen<number> {
  const actions = props.list("scheduledActions");
  if (actions === UNSEEN) return UNSEEN;
  const least: (number | typeof UNSEEN)[] = [props.number("minCapacity") ?? UNSEEN];
  for (const action of actions) {
    const at = action.number("scalableTargetAction.minCapacity");
    if (at !== undefined || !action.isObject) least.push(at ?? UNSEEN);
  }
  return least.reduce<number | typeof UNSEEN>(
    (most, one) => (most === UNSEEN || one === UNSEEN ? UNSEEN : Math.max(most, one)),
    0,
  );
}

function push(map: Map<string, Billed[]>, key: string, value: Billed): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
