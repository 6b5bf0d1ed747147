// Draws the edges: dark ink on washed paper, or with glow, light on night.
uniform sampler2D picture;  // the chain so far
uniform vec2 texel;         // size of one pixel of what is read, 0..1 over the output
uniform float width;        //! 0.5..4 px = 1.2 · how wide the lines are
uniform float edge;         //! 0.01..0.6 = 0.10 · how strong an edge must be to be drawn
uniform float soft;         //! 0.01..0.6 = 0.16 · from a hint of a line to a full one
uniform float ink;          //! 0..1 = 0.85 · how dark, or how bright, lines are
uniform float wash;         //! 0..1 = 0.6 · how much of the picture's own colour is left
uniform float glow;         //! 0..1 = 0 · 0 ink on paper, 1 light on night

in vec2 uv;
out vec4 colour;

const vec3 LUMA = vec3(0.30, 0.59, 0.11);
const vec3 PAPER = vec3(0.955, 0.930, 0.880);

float grey(float x, float y) {
    return dot(texture(picture, uv + vec2(x, y) * texel * width).rgb, LUMA);
}

void main() {
    // Roberts' cross from four bilinear taps: where the neighbourhood rises, and how steeply.
    float nw = grey(-1.0, -1.0), ne = grey(1.0, -1.0), sw = grey(-1.0, 1.0), se = grey(1.0, 1.0);
    vec2 slope = vec2(ne + se - nw - sw, sw + se - nw - ne) * 0.5;
    float line = ink * smoothstep(edge, edge + soft, length(slope));
    vec3 c = texture(picture, uv).rgb;
    vec3 vivid = clamp(c + 0.6 * (c - dot(c, LUMA)), 0.0, 1.0);
    vec3 paper = PAPER * mix(vec3(1.0), 0.12 + sqrt(vivid), wash) * (1.0 - line) + line * 0.3 * c * c;
    vec3 pure = c / max(max(c.r, max(c.g, c.b)), 0.05);
    vec3 night = c * (0.3 + 0.7 * c) * wash + line * mix(pure * pure, vec3(1.0), 0.25 * line);
    colour = vec4(clamp(mix(paper, night, glow), 0.0, 1.0), 1.0);
}
