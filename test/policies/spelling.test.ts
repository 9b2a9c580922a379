/** A misspelt token or path judges nothing and says nothing: each is looked up in the pinned SDKs. */
import assert from "node:assert/strict";
import { rules } from "../../policies/index.ts";
import * as families from "../../policies/support/families.ts";
import { isToken, wrongPath } from "./support/declarations.ts";

describe("spelling", function () {
  this.timeout(30_000);

  it("the look-up itself notices what is wrong", () => {
    assert.equal(isToken("aws-native:sagemaker:Modell"), false);
    assert.equal(isToken("aws:sagemaker/model:model"), false);
    assert.equal(
      wrongPath("aws-native:sagemaker:Model", "primaryContainer.modelPackageArn"),
      "modelPackageArn is not declared",
    );
    assert.equal(wrongPath("aws-native:sagemaker:Model", "primaryContainer.modelPackageName"), undefined);
    assert.equal(
      wrongPath("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "productionVariants[].modelNames"),
      "modelNames is not declared",
    );
    assert.match(wrongPath("aws-native:sagemaker:Model", "primaryContainer[]") ?? "", /is no list/);
  });

  it("every token of every family exists", () => {
    const tokens = Object.values(families)
      .filter((value): value is Readonly<Record<string, string>> => typeof value === "object")
      .flatMap((family) => [...Object.keys(family), ...Object.values(family)])
      .filter((text) => typeof text === "string" && text.includes(":"));
    assert.ok(tokens.length > 40, String(tokens.length));
    assert.deepEqual(
      [...new Set(tokens)].filter((token) => !isToken(token)),
      [],
    );
  });

  for (const { meta } of rules) {
    it(`${meta.id}: every type and path it reads is declared`, () => {
      const wrong = [...Object.entries(meta.reads.resource), ...Object.entries(meta.reads.stack)].flatMap(
        ([token, paths]) =>
          isToken(token)
            ? paths.flatMap((path) => {
                const why = wrongPath(token, path);
                return why === undefined ? [] : [`${token} ${path}: ${why}`];
              })
            : [`${token}: no such type`],
      );
      assert.deepEqual(wrong, []);
      const judged = [...meta.judges.resource, ...meta.judges.stack];
      assert.deepEqual(
        judged.filter((token) => !isToken(token)),
        [],
      );
    });
  }

  it("property paths written out in code, outside the declared ones, exist too", () => {
    const inner: readonly (readonly [string, string])[] = [
      ...["native", "classic"].flatMap((provider) => {
        const model = families.MODEL[provider as "native" | "classic"];
        return [
          "modelPackageName",
          "image",
          "modelDataUrl",
          "modelDataSource",
          "multiModelConfig",
          "mode",
          "environment",
        ].flatMap((key): [string, string][] => [
          [model, `primaryContainer.${key}`],
          [model, `containers[].${key}`],
        ]);
      }),
      [families.PIPELINE.native, "pipelineDefinition.pipelineDefinitionBody"],
      [families.MODEL.classic, "primaryContainer.additionalModelDataSources"],
      [families.INFERENCE_COMPONENT.native, "specification.container"],
      [families.INFERENCE_COMPONENT.native, "specifications[].container"],
      [families.ENDPOINT_CONFIG.native, "productionVariants[].instancePools[].modelNameOverride"],
      ...Object.entries(families.NAME_PROPERTY),
    ];
    assert.deepEqual(
      inner.flatMap(([token, path]) => wrongPath(token, path) ?? []),
      [],
    );
  });
});
