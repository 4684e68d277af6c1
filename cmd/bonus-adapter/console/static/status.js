// How the running adapter fares.
export const words = {
  en: { "status.soon": "Nothing is shown here yet." },
  ru: { "status.soon": "Здесь пока ничего нет." },
};

export function mount(root, ctx) {
  root.append(ctx.h("p", { class: "box" }, ctx.t("status.soon")));
}
