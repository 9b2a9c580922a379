/** A double of the approvals table and of the waiting state, with the conditions that the real ports ask DynamoDB for. */
import type { ApprovalDecided, ApprovalRequested } from "../../../contracts/approval-events.ts";
import type { LinkItem, PacketItem } from "../../../contracts/approvals.ts";
import type { ApprovalDecision } from "../../../contracts/submission.ts";
import type { Ports as DecidePorts } from "../../../functions/decide-approval/ports.ts";
import type { Ports as RecordPorts } from "../../../functions/record-decision/ports.ts";
import type { Mail, Notice } from "../../../functions/request-approval/mail.ts";
import type { Ports as RequestPorts } from "../../../functions/request-approval/ports.ts";

export class FakeApprovals {
  readonly items = new Map<string, object>();
  readonly mails: { sender: string; recipient: string; mail: Mail }[] = [];
  readonly notices: { topicArn: string; notice: Notice }[] = [];
  readonly requested: ApprovalRequested[] = [];
  readonly decided: ApprovalDecided[] = [];
  readonly delivered: { taskToken: string; decision: ApprovalDecision }[] = [];
  time = Date.parse("2026-01-02T00:00:00.000Z");
  /** Errors that the next calls throw. */
  mailErrors = new Map<string, Error>();
  taskErrors: Error[] = [];
  /** What the topic and the bus answer; for ever. */
  tellError: Error | undefined;
  /** Called before each conditional write: somebody may be faster. */
  beforeWrite: () => void = () => {};
  /** Called when somebody waits for somebody else. */
  whilePausing: () => void = () => {};
  #tokens = 0;

  /** Works on copies, as a database does. */
  #read<T>(pk: string): T | undefined {
    const item = this.items.get(pk);
    return item === undefined ? undefined : (structuredClone(item) as T);
  }

  /** The item, if nobody wrote since it was read. */
  #current(packet: PacketItem): PacketItem | undefined {
    this.beforeWrite();
    const item = this.items.get(packet.pk) as PacketItem | undefined;
    return item?.revision === packet.revision ? item : undefined;
  }

  #sendTaskSuccess = async (taskToken: string, decision: ApprovalDecision): Promise<void> => {
    const error = this.taskErrors.shift();
    if (error) throw error;
    this.delivered.push({ taskToken, decision: structuredClone(decision) });
  };

  #note = async (pk: string, what: "deliveredAt" | "lapsedAt", time: string): Promise<void> => {
    const item = this.items.get(pk) as PacketItem | undefined;
    if (!item?.decision || item[what] !== undefined) return;
    item[what] = time;
    item.revision += 1;
  };

  #announce = async (decided: ApprovalDecided): Promise<void> => {
    if (this.tellError) throw this.tellError;
    this.decided.push(structuredClone(decided));
  };

  request(): RequestPorts {
    return {
      readPacket: async (_table, pk) => this.#read<PacketItem>(pk),
      store: async (_table, packet, links, revision) => {
        this.beforeWrite();
        const item = this.items.get(packet.pk) as PacketItem | undefined;
        if (item?.revision !== revision) return false;
        for (const one of [packet, ...links]) this.items.set(one.pk, structuredClone(one));
        return true;
      },
      send: async (sender, recipient, mail) => {
        const error = this.mailErrors.get(recipient);
        if (error) throw error;
        this.mails.push({ sender, recipient, mail });
      },
      publish: async (topicArn, notice) => {
        if (this.tellError) throw this.tellError;
        this.notices.push({ topicArn, notice });
      },
      announce: async (requested) => {
        if (this.tellError) throw this.tellError;
        this.requested.push(structuredClone(requested));
      },
      sendTaskSuccess: this.#sendTaskSuccess,
      randomToken: () => Buffer.alloc(32, ++this.#tokens).toString("base64url"),
      now: () => this.time,
    };
  }

  decide(): DecidePorts {
    return {
      link: async (pk) => this.#read<LinkItem>(pk),
      packet: async (pk) => this.#read<PacketItem>(pk),
      keep: async (packet, votes, decision, now) => {
        const item = this.#current(packet);
        if (!item || item.decision || item.lapsedAt !== undefined || item.expiresAt <= now / 1000) return false;
        Object.assign(
          item,
          structuredClone({ votes, revision: packet.revision + 1, ...(decision ? { decision } : {}) }),
        );
        return true;
      },
      note: this.#note,
      sendTaskSuccess: this.#sendTaskSuccess,
      announce: this.#announce,
      pause: async () => this.whilePausing(),
      now: () => this.time,
    };
  }

  record(registry: Pick<RecordPorts, "describe" | "update">): RecordPorts {
    return {
      ...registry,
      readPacket: async (pk) => this.#read<PacketItem>(pk),
      close: async (packet, decision, time) => {
        const item = this.#current(packet);
        if (!item || item.decision) return false;
        Object.assign(item, structuredClone({ decision, deliveredAt: time, revision: packet.revision + 1 }));
        return true;
      },
      note: this.#note,
      announce: this.#announce,
      now: () => this.time,
    };
  }

  get packetItem(): PacketItem {
    const found = [...this.items.entries()].find(([pk]) => pk.startsWith("packet#"));
    if (!found) throw new Error("there is no packet");
    return found[1] as PacketItem;
  }
}
