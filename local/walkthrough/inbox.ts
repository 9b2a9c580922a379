/** The inbox of the emulated mail service. */
export interface Mail {
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** All mails sent so far, oldest first. */
export async function readInbox(ministack: string, accountId: string): Promise<Mail[]> {
  const answer = await fetch(`${ministack}/_ministack/ses/messages?account=${accountId}`);
  const { messages } = (await answer.json()) as { messages: Record<string, Record<string, unknown>[]> };
  return (messages[accountId] ?? []).map((mail) => ({
    to: mail.To as string[],
    from: String(mail.Source),
    subject: String(mail.Subject),
    text: String(mail.BodyText ?? ""),
    html: String(mail.BodyHtml ?? ""),
  }));
}

/** The approval link in a mail; throws when there is none, without printing the mail. */
export function approvalLink(mail: Mail): string {
  const link = /https?:\/\/\S+\/approvals\/[A-Za-z0-9_-]+/.exec(mail.text)?.[0];
  if (!link) throw new Error(`the mail "${mail.subject}" holds no approval link`);
  return link;
}

/** What a mail says under a label; throws when it says nothing, so that a fact which got lost is noticed. */
export function told(mail: Mail, label: string): string {
  const line = mail.text.split("\n").find((one) => one.startsWith(`${label}:`));
  if (!line) throw new Error(`the mail "${mail.subject}" says nothing about "${label}"`);
  return line.slice(label.length + 1).trim();
}
