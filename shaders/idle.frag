// Shown until the first picture has been dreamt: a slow drift in the dark, never a black splash.
uniform float time;    // seconds
uniform float aspect;  // width / height of the output

in vec2 uv;
out vec4 colour;

void main() {
    vec2 p = (uv - 0.5) * vec2(aspect, 1.0);
    float t = time * 0.21;
    float warm = sin(2.1 * p.x + t) + sin(2.9 * p.y - 1.3 * t) + sin(1.7 * (p.x + p.y) + 0.7 * t);
    float cool = sin(2.6 * p.x - 0.8 * t) + sin(1.9 * p.y + t) + sin(2.3 * (p.x - p.y) - 0.6 * t);
    vec3 c = vec3(0.040, 0.042, 0.060);
    c += vec3(0.340, 0.190, 0.090) * smoothstep(-0.4, 3.0, warm);
    c += vec3(0.050, 0.130, 0.220) * smoothstep(-0.8, 3.0, cool);
    // Half a step of noise, or eight bits would show bands in slopes as slow as these.
    c += (fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.0671106, 0.0058371)))) - 0.5) / 255.0;
    colour = vec4(c, 1.0);
}
