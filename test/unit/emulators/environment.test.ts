import assert from "node:assert/strict";
import { delimiter } from "node:path";
import { clientEnvironment, emulatorEnvironments } from "../../../local/emulators/environment.ts";

const ports = { ministack: 4001, moto: 4002, sagemaker: 4003 };
const options = {
  ports,
  python: "/venv/bin/python",
  home: "/work/home",
  temporary: "/work/tmp",
  frontWorkdir: "/work/front",
  sfnWaitScale: 0.5,
};

describe("emulator environments", () => {
  it("hold nothing of ours", () => {
    process.env.EMULATOR_TEST_LEAK = "x";
    try {
      for (const env of Object.values(emulatorEnvironments(options))) {
        assert.equal(env.EMULATOR_TEST_LEAK, undefined);
        assert.equal(env.HOME, "/work/home");
        assert.equal(env.TMPDIR, "/work/tmp");
        assert.equal(env.AWS_PROFILE, undefined);
      }
    } finally {
      delete process.env.EMULATOR_TEST_LEAK;
    }
  });

  it("give MiniStack no credentials and no endpoint of its own: functions inherit its environment", () => {
    const { ministack } = emulatorEnvironments(options);
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"]) {
      assert.equal(ministack[name], undefined, name);
    }
    assert.equal(ministack.AWS_ENDPOINT_URL_SAGEMAKER, "http://127.0.0.1:4003");
    assert.equal(ministack.AUTH, "true");
    assert.equal(ministack.BIND_HOST, "127.0.0.1");
    assert.equal(ministack.SFN_WAIT_SCALE, "0.5");
  });

  it("put the Node that runs us before any other", () => {
    const paths = emulatorEnvironments(options).ministack.PATH?.split(delimiter) ?? [];
    assert.ok(paths.indexOf("/usr/bin") > 1, paths.join(" "));
    assert.match(paths[0] ?? "", /node_modules\/\.bin$/);
  });

  it("agree on account and region", () => {
    const { ministack, moto, sagemaker } = emulatorEnvironments(options);
    assert.equal(ministack.MINISTACK_ACCOUNT_ID, "111122223333");
    assert.equal(moto.MOTO_ACCOUNT_ID, "111122223333");
    assert.equal(sagemaker.AWS_ACCOUNT_ID, "111122223333");
    assert.equal(ministack.MINISTACK_REGION, sagemaker.AWS_REGION);
  });

  it("send clients to the right doors", () => {
    const env = clientEnvironment(ports);
    assert.equal(env.AWS_ENDPOINT_URL, "http://127.0.0.1:4001");
    assert.equal(env.AWS_ENDPOINT_URL_SAGEMAKER, "http://127.0.0.1:4003");
    assert.equal(env.AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME, "http://127.0.0.1:4003");
  });
});
