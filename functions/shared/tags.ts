/** All tags of a SageMaker resource. */

interface Page {
  Tags?: { Key?: string; Value?: string }[];
  NextToken?: string;
}

/** Reads page after page; `list` is one ListTags call. */
export async function tagsOf(
  list: (input: { ResourceArn: string; NextToken?: string }) => Promise<Page>,
  arn: string,
): Promise<Record<string, string>> {
  const tags: Record<string, string> = {};
  let next: string | undefined;
  do {
    const page: Page = await list({ ResourceArn: arn, ...(next ? { NextToken: next } : {}) });
    for (const { Key, Value } of page.Tags ?? []) if (Key !== undefined) tags[Key] = Value ?? "";
    next = page.NextToken;
  } while (next);
  return tags;
}
