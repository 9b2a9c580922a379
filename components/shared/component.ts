/** What every component has: its place, its flow word, its tags and its parenthood. */
import * as pulumi from "@pulumi/pulumi";
import type { Site } from "./naming.ts";
import { stageTags, type Tag, tagList } from "./tags.ts";

/**
 * For what serves: the successor stands before the predecessor goes. Without it the provider deletes first, since it takes
 * every physical name for one that cannot exist twice (pulumi-aws-native: a replacement's diff asks for deletion first).
 */
export const createFirst = { deleteBeforeReplace: false } as const;

/** The base of the components; a flow word each. */
export abstract class FlowComponent extends pulumi.ComponentResource {
  readonly site: Site;
  /** The flow word: stands in the tag frugal:component of everything that the component makes. */
  readonly word: string;

  constructor(word: string, name: string, site: Site, opts?: pulumi.ComponentResourceOptions) {
    super(
      `frugal:flow:${word.replace(/(^|-)([a-z])/g, (_all, _mark, letter: string) => letter.toUpperCase())}`,
      name,
      {},
      opts,
    );
    this.site = site;
    this.word = word;
  }

  /** Tags in list form, as most types of aws-native take them. */
  tags(more?: Readonly<Record<string, string>>): Tag[] {
    return tagList(this.tagMap(more));
  }

  /** Tags by key, as few types take them. */
  tagMap(more?: Readonly<Record<string, string>>): Record<string, string> {
    return stageTags(this.site, this.word, more);
  }

  /** Options of a part of this component. */
  part(dependsOn: readonly pulumi.Resource[] = []): pulumi.CustomResourceOptions {
    return dependsOn.length > 0 ? { parent: this, dependsOn: [...dependsOn] } : { parent: this };
  }

  /** Options of a part that holds what must not be lost: protected where the stage is. */
  keptPart(dependsOn: readonly pulumi.Resource[] = []): pulumi.CustomResourceOptions {
    return { ...this.part(dependsOn), protect: this.site.protect };
  }
}
