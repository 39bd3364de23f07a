import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Speaks the MongoDB wire protocol on a free port of 127.0.0.1 and keeps everything in memory. It is not MongoDB.
 * Prints "ready PORT"; ends when stdin closes, so that it never outlives the test that started it.
 */
public final class MongoStandIn {
  /** The driver refuses servers below wire version 9; 17 is that of MongoDB 6.0. */
  private enum Version implements MongoVersion {
    V6_0;

    @Override
    public List<Integer> getVersionArray() {
      return List.of(6, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 17;
    }
  }

  public static void main(String[] arguments) throws Exception {
    MemoryBackend backend = new MemoryBackend();
    backend.version(Version.V6_0);
    MongoServer server = new MongoServer(backend);
    InetSocketAddress address = server.bind();
    System.out.println("ready " + address.getPort());
    while (System.in.read() >= 0) {
      // Nobody writes here; the end of the stream is what is waited for.
    }
    server.shutdownNow();
    System.exit(0);
  }
}
