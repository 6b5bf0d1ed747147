// The last step of every look: what the operator's hand does to all of them alike.
//
//   HUE      turn all colours
//   PARTLY   mix with another picture: a weaker look, or the look before it
uniform sampler2D picture;  // the end of the chain, first row on top
#ifdef PARTLY
uniform sampler2D other;    // what it is mixed with
uniform float amount;       // 0 other .. 1 picture
#endif
#ifdef HUE
uniform vec2 hue;           // cosine and sine of the angle by which colours turn
#endif
uniform float vignette;     //! 0..1 = 0 · darkens towards the corners
uniform float light;        // 1 shown .. 0 blacked out

in vec2 uv;
out vec4 colour;

void main() {
    vec3 c = texture(picture, uv).rgb;
#ifdef PARTLY
    c = mix(texture(other, uv).rgb, c, amount);
#endif
#ifdef HUE
    // Rodrigues' rotation round the grey axis.
    vec3 axis = vec3(0.57735027);
    c = c * hue.x + cross(axis, c) * hue.y + axis * dot(axis, c) * (1.0 - hue.x);
#endif
    vec2 off = uv - 0.5;
    c *= light * (1.0 - vignette * 2.0 * dot(off, off));
    colour = vec4(c, 1.0);
}
