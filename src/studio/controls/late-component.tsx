/** A component whose program is a late part of the page. */
import { type ComponentType, createElement, useEffect, useState } from "react";
import { useStudio } from "../studio-context.tsx";
import { latePart } from "./late-part.ts";

/** @param Meanwhile stands in its place until the program is there; absent: nothing does */
export function lateComponent<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Meanwhile?: ComponentType,
): ComponentType<Props> {
  const part = latePart(load);
  return function Late(props: Props) {
    const [Loaded, setLoaded] = useState(part.now);
    const tell = useStudio((state) => state.tell);
    useEffect(() => {
      if (Loaded !== null) return;
      let wanted = true;
      part.fetched().then(
        (component) => wanted && setLoaded(() => component),
        (thrown) => wanted && tell("error", thrown),
      );
      return () => {
        wanted = false;
      };
    }, [Loaded, tell]);
    if (Loaded !== null) return createElement(Loaded, props);
    return Meanwhile === undefined ? null : <Meanwhile />;
  };
}
