/** A double of the approvals table and of the waiting state, with the conditions that the real ports ask DynamoDB for. */
import type { LinkItem, PacketItem } from "../../../contracts/approvals.ts";
import type { ApprovalDecision } from "../../../contracts/submission.ts";
import type { Ports as DecidePorts } from "../../../functions/decide-approval/ports.ts";
import type { Mail } from "../../../functions/request-approval/mail.ts";
import type { Ports as RequestPorts } from "../../../functions/request-approval/ports.ts";

export class FakeApprovals {
  readonly items = new Map<string, object>();
  readonly mails: { sender: string; recipient: string; mail: Mail }[] = [];
  readonly delivered: { taskToken: string; decision: ApprovalDecision }[] = [];
  time = Date.parse("2026-01-02T00:00:00.000Z");
  /** Errors that the next calls throw. */
  mailErrors = new Map<string, Error>();
  taskErrors: Error[] = [];
  #tokens = 0;

  /** Works on copies, as a database does. */
  #read<T>(pk: string): T | undefined {
    const item = this.items.get(pk);
    return item === undefined ? undefined : (structuredClone(item) as T);
  }

  async #sendTaskSuccess(taskToken: string, decision: ApprovalDecision): Promise<void> {
    const error = this.taskErrors.shift();
    if (error) throw error;
    this.delivered.push({ taskToken, decision });
  }

  request(): RequestPorts {
    return {
      readPacket: async (_table, pk) => this.#read<PacketItem>(pk),
      store: async (_table, packet, links) => {
        for (const item of [packet, ...links]) this.items.set(item.pk, structuredClone(item));
      },
      send: async (sender, recipient, mail) => {
        const error = this.mailErrors.get(recipient);
        if (error) throw error;
        this.mails.push({ sender, recipient, mail });
      },
      sendTaskSuccess: (taskToken, decision) => this.#sendTaskSuccess(taskToken, decision),
      randomToken: () => Buffer.alloc(32, ++this.#tokens).toString("base64url"),
      now: () => this.time,
    };
  }

  decide(): DecidePorts {
    return {
      link: async (pk) => this.#read<LinkItem>(pk),
      packet: async (pk) => this.#read<PacketItem>(pk),
      keepDecision: async (pk, decision, now) => {
        const item = this.items.get(pk) as PacketItem | undefined;
        const may =
          item &&
          item.decision === undefined &&
          item.lapsedAt === undefined &&
          item.packetDigest === decision.packetDigest &&
          item.expiresAt > now / 1000;
        if (may) item.decision = decision;
        return Boolean(may);
      },
      note: async (pk, what, time) => {
        const item = this.items.get(pk) as PacketItem | undefined;
        if (item?.decision && item[what] === undefined) item[what] = time;
      },
      sendTaskSuccess: (taskToken, decision) => this.#sendTaskSuccess(taskToken, decision),
      now: () => this.time,
    };
  }

  get packetItem(): PacketItem {
    const found = [...this.items.entries()].find(([pk]) => pk.startsWith("packet#"));
    if (!found) throw new Error("there is no packet");
    return found[1] as PacketItem;
  }
}
