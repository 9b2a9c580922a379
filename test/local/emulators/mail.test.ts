import assert from "node:assert/strict";
import { CreateEmailIdentityCommand, SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { ACCOUNT, type Bench, clientConfig, role, type Statement, session, startBench } from "./support.ts";

const identity = (name: string) => `arn:aws:ses:us-east-1:${ACCOUNT}:identity/${name}`;
const SENDER = "approvals@example.com";
const DOMAIN_SENDER = "anybody@example.org";

describe("sending mail is judged on the sender's identity", function () {
  this.timeout(30_000);
  let bench: Bench;
  before(async () => {
    bench = await startBench();
    const root = new SESv2Client(clientConfig(bench));
    for (const EmailIdentity of [SENDER, "example.org"]) {
      await root.send(new CreateEmailIdentityCommand({ EmailIdentity }));
    }
  });
  after(() => bench?.stop());

  const send = async (policy: Statement[], from = SENDER, to = ["a@example.net"]) => {
    const roleArn = await role(bench, "lambda.amazonaws.com", policy);
    const credentials = await session(bench, roleArn, "lambda.amazonaws.com");
    const client = new SESv2Client({ ...clientConfig(bench), credentials });
    const Content = { Simple: { Subject: { Data: "s" }, Body: { Text: { Data: "t" } } } };
    return client.send(new SendEmailCommand({ FromEmailAddress: from, Destination: { ToAddresses: to }, Content }));
  };
  const grant = (Resource: string, Condition?: Statement["Condition"]): Statement[] => [
    { Action: "ses:SendEmail", Resource, ...(Condition && { Condition }) },
  ];
  const from = (address: string) => ({ StringEquals: { "ses:FromAddress": address } });
  const within = { "ForAllValues:StringLike": { "ses:Recipients": ["*@example.net"] } };

  const cases = [
    { title: "the identity and its address", policy: grant(identity(SENDER), from(SENDER)), allowed: true },
    {
      title: "an address with a name",
      policy: grant(identity(SENDER), from(SENDER)),
      as: `A <${SENDER}>`,
      allowed: true,
    },
    { title: "nothing granted", policy: [], allowed: false },
    { title: "another identity", policy: grant(identity("other@example.com")), allowed: false },
    { title: "another address", policy: grant("*", from("other@example.com")), allowed: false },
    { title: "recipients within", policy: grant("*", within), allowed: true },
    {
      title: "a recipient outside",
      policy: grant("*", within),
      to: ["a@example.net", "b@example.com"],
      allowed: false,
    },
    { title: "the domain's identity", policy: grant(identity("example.org")), as: DOMAIN_SENDER, allowed: true },
    { title: "an address of the domain", policy: grant(identity(DOMAIN_SENDER)), as: DOMAIN_SENDER, allowed: false },
  ];
  for (const { title, policy, as, to, allowed } of cases) {
    it(`${allowed ? "allows" : "denies"}: ${title}`, async () => {
      if (allowed) assert.ok((await send(policy, as, to)).MessageId);
      else {
        const judged = identity(as === DOMAIN_SENDER ? "example.org" : SENDER);
        await assert.rejects(send(policy, as, to), ({ name, message }: Error) => {
          assert.equal(name, "AccessDeniedException");
          const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/role-`;
          assert.ok(message.startsWith(`User: ${arn}`), message);
          assert.ok(message.includes(`is not authorized to perform: ses:SendEmail on resource: ${judged}`), message);
          return true;
        });
      }
    });
  }
});
