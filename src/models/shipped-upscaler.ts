/** The super-resolution model that ships with Zoetrope: Real-ESRGAN's for animation (realesr-animevideov3, BSD-3-Clause). */

export const SHIPPED_UPSCALER = {
  id: "realesr-animevideov3",
  kind: "upscaler",
  /** In the package's folder `public`. */
  file: "models/upscaler/realesr-animevideov3.safetensors",
  name: "Real-ESRGAN for animation",
  summary: "clear outlines at four times the size",
} as const;
