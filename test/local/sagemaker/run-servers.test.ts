import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startModelServer } from "../../../local/sagemaker/run/server.ts";
import { CREDS, type Fixture, IMAGE, lives, startFixture, until } from "./run-support.ts";

const LIMITS = { startupMs: 20_000, invocationMs: 500 };

describe("model servers that go wrong", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  before(async () => {
    fixture = await startFixture();
  });
  after(() => fixture?.stop());

  const serve = async (name: string, inference: string, environment: Record<string, string> = {}) => {
    const modelDataUrl = await fixture.putSource(`models/${name}.tar.gz`, { "code/inference.py": inference });
    return startModelServer(
      {
        image: IMAGE,
        modelDataUrl,
        environment: {
          SAGEMAKER_PROGRAM: "inference.py",
          SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code",
          ...environment,
        },
      },
      CREDS,
      fixture.ctx,
      LIMITS,
    );
  };

  it("are refused without model_fn, with a module that is not there, with code that raises", async () => {
    await assert.rejects(
      serve("empty", ""),
      /did not pass the ping health check.*Please provide a model_fn implementation in inference\.py/,
    );
    await assert.rejects(
      serve("lost", "", { SAGEMAKER_PROGRAM: "other.py" }),
      /no module other in SAGEMAKER_SUBMIT_DIRECTORY, which holds: inference\.py/,
    );
    await assert.rejects(
      serve("raising", "import no_such_package"),
      /ModuleNotFoundError: No module named 'no_such_package'/,
    );
  });

  it("are refused where AWS's container would not find the code", async () => {
    const container = { image: IMAGE, environment: { SAGEMAKER_PROGRAM: "inference.py" } };
    await assert.rejects(startModelServer(container, CREDS, fixture.ctx, LIMITS), /lacks SAGEMAKER_SUBMIT_DIRECTORY/);
  });

  it("know the toolkit's formats: JSON by default, 415 and 406 for what they cannot", async () => {
    const server = await serve(
      "doubling",
      "def model_fn(d): return 2\ndef predict_fn(data, model): return data * model",
    );
    const ask = async (body: string, contentType?: string, accept?: string) => {
      const answer = await server.invoke({ body: Buffer.from(body), contentType, accept });
      return [answer.status, answer.contentType, Buffer.from(answer.body).toString()];
    };
    try {
      assert.deepEqual(await ask("[[1,2],[3,4]]", "application/json"), [
        200,
        "application/json",
        "[[2.0, 4.0], [6.0, 8.0]]",
      ]);
      assert.deepEqual(await ask("1,2\n3,4\n", "text/csv", "text/csv"), [200, "text/csv", "2.0,4.0\n6.0,8.0\n"]);
      assert.equal((await ask("x", "text/plain"))[0], 415);
      assert.equal((await ask("[1]", "application/json", "image/png"))[0], 406);
    } finally {
      await server.stop();
    }
  });

  it("answer 504 past the time limit and 503 once they are gone", async () => {
    const server = await serve(
      "sleepy",
      "import os,time\ndef model_fn(d): return 1\ndef transform_fn(model, data, content_type, accept):\n    if data == 'die': os._exit(1)\n    time.sleep(5)",
    );
    try {
      assert.equal((await server.invoke({ body: Buffer.from("x"), contentType: "text/csv" })).status, 504);
      assert.equal((await server.invoke({ body: Buffer.from("die"), contentType: "text/csv" })).status, 503);
      assert.equal((await server.invoke({ body: Buffer.from("x"), contentType: "text/csv" })).status, 503);
    } finally {
      await server.stop();
    }
  });

  it("give up when the model loads for too long, and end it", async () => {
    const slow =
      "import os,time\nopen(os.path.join(os.environ['HOME'],'..','..','pid'),'w').write(str(os.getpid()))\ntime.sleep(60)";
    const modelDataUrl = await fixture.putSource("models/slow.tar.gz", { "code/inference.py": slow });
    const environment = { SAGEMAKER_PROGRAM: "inference.py", SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" };
    await assert.rejects(
      startModelServer({ image: IMAGE, modelDataUrl, environment }, CREDS, fixture.ctx, {
        startupMs: 1500,
        invocationMs: 500,
      }),
      /did not pass the ping health check\. No answer within 1500 ms/,
    );
    const pid = Number(readFileSync(join(fixture.ctx.workdir, "pid"), "utf8"));
    await until("its end", () => !lives(pid));
  });
});
