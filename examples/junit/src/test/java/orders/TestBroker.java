package orders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;

/** A broker that ends with the tests, whatever ends them; and all that it can be told. */
final class TestBroker implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final String servers;
    private final Process process;
    private final String control;
    private final HttpClient http = HttpClient.newHttpClient();

    TestBroker() throws IOException {
        process = new ProcessBuilder(
                "kafkacompat", "start", "--memory", "-p", "0", "--control-port", "0",
                "--print-ready", "json", "--stdin-guard")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
        JsonNode ready = JSON.readTree(process.inputReader().readLine());
        servers = ready.get("bootstrap_servers").asText();
        control = ready.get("control").asText();
    }

    JsonNode get(String path) throws Exception {
        return answer(request(path).GET());
    }

    JsonNode post(String path, Map<String, ?> body) throws Exception {
        return answer(request(path).POST(BodyPublishers.ofString(JSON.writeValueAsString(body))));
    }

    private HttpRequest.Builder request(String path) {
        var json = HttpRequest.newBuilder(URI.create(control + path));
        return json.header("Content-Type", "application/json");
    }

    private JsonNode answer(HttpRequest.Builder request) throws Exception {
        var response = http.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(response.body());
        }
        return JSON.readTree(response.body());
    }

    @Override
    public void close() throws Exception {
        process.getOutputStream().close();
        process.waitFor();
    }
}
