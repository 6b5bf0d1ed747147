// Colour grading: exposure, contrast, colour, and a tint for shadows and lights.
uniform sampler2D picture;      // the chain so far
uniform float exposure;         //! -2..2 stops = 0 · brighter or darker
uniform float contrast;         //! 0..2 = 1 · 1 leaves it, above 1 bends it into an S
uniform float saturation;       //! 0..2 = 1 · 0 is grey, 1 leaves colours as they are
uniform float warmth;           //! -1..1 = 0 · below 0 colder, above 0 warmer
uniform vec2 hue;               //! -180..180 deg = 0 · turns all colours
uniform vec2 shadow_hue;        //! -180..180 deg = -120 · colour laid into the shadows
uniform float shadow_tint;      //! 0..1 = 0 · how much of it
uniform vec2 light_hue;         //! -180..180 deg = 40 · colour laid into the lights
uniform float light_tint;       //! 0..1 = 0 · how much of it

in vec2 uv;
out vec4 colour;

const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);

// A colour of the wheel without brightness of its own: 0 red, 120 green, -120 blue.
vec3 wheel(vec2 angle) {
    vec3 c = vec3(angle.x, -0.5 * angle.x + 0.8660254 * angle.y,
                  -0.5 * angle.x - 0.8660254 * angle.y);
    return c - dot(c, LUMA);
}

void main() {
    vec3 c = texture(picture, uv).rgb * exp2(exposure);
    vec3 axis = vec3(0.57735027);
    c = c * hue.x + cross(axis, c) * hue.y + axis * dot(axis, c) * (1.0 - hue.x);
    c *= vec3(1.0 + 0.12 * warmth, 1.0, 1.0 - 0.16 * warmth);
    float grey = dot(c, LUMA);
    c = clamp(mix(vec3(grey), c, saturation), 0.0, 1.0);
    c += (contrast - 1.0) * c * (1.0 - c) * (2.0 * c - 1.0) * 2.0;
    float light = clamp(grey, 0.0, 1.0);
    c += shadow_tint * 0.35 * wheel(shadow_hue) * (1.0 - light) * (1.0 - light);
    c += light_tint * 0.35 * wheel(light_hue) * light * light;
    colour = vec4(clamp(c, 0.0, 1.0), 1.0);
}
