export const words = { en: {}, ru: {} };

export function mount(root, ctx) {
  root.append(ctx.h("h1", {}, ctx.t("tab.sample")));
}
