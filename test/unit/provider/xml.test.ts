import assert from "node:assert/strict";
import { at, listAt, parseXml, textAt } from "../../../local/provider/emulator/xml.ts";
import { plain } from "../../../local/provider/native/live/reader.ts";

describe("XML of AWS's answers", () => {
  const answer = parseXml(
    `<?xml version="1.0"?><R xmlns="x"><Tags><member><Key>a</Key><Value>1 &amp; &lt;2&gt; &#x41;&#66;</Value></member>` +
      `<member><Key>b</Key><Value/></member></Tags><A><entry><key>k</key><value>v</value></entry></A><C><![CDATA[<&>]]></C></R>`,
  );

  it("is read with its lists, entities and empty elements", () => {
    assert.deepEqual(listAt(answer, "Tags", "member").length, 2);
    assert.equal(textAt(at(answer, "Tags", "member"), "Value"), "1 & <2> AB");
    assert.equal(textAt(listAt(answer, "Tags", "member")[1], "Value"), undefined);
    assert.equal(textAt(answer, "C"), "<&>");
    assert.equal(at(answer, "No", "Such"), undefined);
    assert.deepEqual(listAt(answer, "No", "member"), []);
  });

  it("becomes plain lists and maps", () => {
    assert.deepEqual(plain(at(answer, "Tags")), [
      { Key: "a", Value: "1 & <2> AB" },
      { Key: "b", Value: "" },
    ]);
    assert.deepEqual(plain(at(answer, "A")), { k: "v" });
  });

  it("is refused where it does not close", () => assert.throws(() => parseXml("<a></a></b>"), /unbalanced/));
});
