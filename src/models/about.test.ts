import { expect, it } from "vitest";
import { aboutOf } from "./about.ts";

it("reads title, author and picture of modelspec, and kohya's output name where there is no title", () => {
  const thumbnail = "data:image/jpeg;base64,/9j/4AAQ==";
  expect(
    aboutOf({ "modelspec.title": " Soft light ", "modelspec.author": "A. N. Other", "modelspec.thumbnail": thumbnail }),
  ).toEqual({ title: "Soft light", author: "A. N. Other", thumbnail });
  expect(aboutOf({ ss_output_name: "soft-light_v2", "modelspec.author": "None" })).toEqual({
    title: "soft-light_v2",
    author: null,
    thumbnail: null,
  });
});

it("takes no picture that could be anything else, or that is too large", () => {
  for (const thumbnail of [
    "https://example.org/a.png",
    "javascript:alert(1)",
    "data:text/html;base64,AAAA",
    "data:image/svg+xml;base64,AAAA",
    'data:image/png;base64,AAAA" onload="alert(1)',
    `data:image/png;base64,${"A".repeat(600_000)}`,
  ])
    expect(aboutOf({ "modelspec.thumbnail": thumbnail }).thumbnail, thumbnail.slice(0, 40)).toBeNull();
});

it("cuts a title that is longer than a line", () => {
  expect(aboutOf({ "modelspec.title": "x".repeat(1000) }).title).toHaveLength(120);
});
