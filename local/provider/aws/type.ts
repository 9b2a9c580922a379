/** What a type or a function of the classic provider needs here. */
import type { Client } from "../emulator/client.ts";
import type { Change, CheckFailure } from "../server/handlers.ts";
import type { Props } from "../server/wire.ts";

/** A resource type of `@pulumi/aws`. */
export interface ResourceType {
  check(inputs: Props, name: string): { inputs: Props; failures: readonly CheckFailure[] };
  diff(olds: Props, news: Props): readonly Change[];
  /** Outputs that a preview knows already; others are unknown. */
  preview(inputs: Props, olds: Props | undefined): Props;
  create(client: Client, inputs: Props): Promise<{ id: string; outputs: Props }>;
  /** `inputs` is undefined on import. */
  read(
    client: Client,
    id: string,
    inputs: Props | undefined,
    outputs: Props,
  ): Promise<{ inputs: Props; outputs: Props } | undefined>;
  update(client: Client, id: string, news: Props): Promise<Props>;
  delete(client: Client, id: string, outputs: Props): Promise<void>;
}

/** A function (look-up) of `@pulumi/aws`. */
export type FunctionType = (client: Client, args: Props) => Promise<Props>;
