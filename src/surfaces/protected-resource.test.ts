import { expect, test } from "vitest";
import { protectedResource } from "./protected-resource.ts";

test("metadata of a resource is where clients look: the well-known part comes before the path", () => {
  const check = (publicUrl: string, resourcePath: string, url: string) => {
    const { urlOf, paths, metadataOf } = protectedResource(publicUrl, "https://p.supabase.co/auth/v1");
    expect(urlOf(resourcePath), publicUrl).toBe(url);
    const path = new URL(url).pathname;
    expect(paths, publicUrl).toContain(path);
    expect(metadataOf(path)["resource"], path).toBe(`${publicUrl.replace(/\/$/, "")}${resourcePath}`);
  };
  check("https://kota.example", "", "https://kota.example/.well-known/oauth-protected-resource");
  check("https://kota.example/", "/mcp", "https://kota.example/.well-known/oauth-protected-resource/mcp");
  check("https://example.com/kota", "", "https://example.com/.well-known/oauth-protected-resource/kota");
  check("https://example.com/kota/", "/mcp", "https://example.com/.well-known/oauth-protected-resource/kota/mcp");
  check("https://example.com/mcp", "", "https://example.com/.well-known/oauth-protected-resource/mcp");
  check("https://example.com/mcp", "/mcp", "https://example.com/.well-known/oauth-protected-resource/mcp/mcp");
  // A proxy that takes its path off here too.
  const { metadataOf } = protectedResource("https://example.com/kota", "https://p.supabase.co/auth/v1");
  const path = "/.well-known/oauth-protected-resource/mcp";
  expect(metadataOf(path)["resource"]).toBe("https://example.com/kota/mcp");
});
