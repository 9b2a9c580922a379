/** `aws:index/getRegion:getRegion`. */
import type { FunctionType } from "./type.ts";

export const getRegion: FunctionType = async ({ place: { region } }) => ({
  id: region,
  name: region,
  region,
  description: region,
  endpoint: `ec2.${region}.amazonaws.com`,
});
