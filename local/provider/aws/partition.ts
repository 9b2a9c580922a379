/** `aws:index/getPartition:getPartition`. */
import type { FunctionType } from "./type.ts";

export const getPartition: FunctionType = async () => ({
  id: "aws",
  partition: "aws",
  dnsSuffix: "amazonaws.com",
  reverseDnsPrefix: "com.amazonaws",
});
