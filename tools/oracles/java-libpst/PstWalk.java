import com.pff.PSTAttachment;
import com.pff.PSTFile;
import com.pff.PSTFolder;
import com.pff.PSTMessage;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Prints one JSON object: the folders below the top of a PST's mailbox and what is in them, as java-libpst shows it. An attachment is
 * the SHA-256 of its data, "message" when it is one, or "none". Ends with exit code 1 at the first thing the library does not accept.
 */
public final class PstWalk {
    private final List<String> folders = new ArrayList<>();
    private final List<String> items = new ArrayList<>();

    public static void main(final String[] arguments) throws Exception {
        final PstWalk walk = new PstWalk();
        final PSTFile file = new PSTFile(arguments[0]);
        for (final PSTFolder top : file.getRootFolder().getSubFolders()) {
            if (top.getDisplayName().equals("Top of Personal Folders")) {
                walk.folder(top, "");
            }
        }
        new PrintStream(System.out, true, StandardCharsets.UTF_8)
            .println("{\"folders\":[" + String.join(",", walk.folders) + "],\"items\":[" + String.join(",", walk.items) + "]}");
    }

    private void folder(final PSTFolder folder, final String path) throws Exception {
        if (!path.isEmpty()) {
            this.folders.add(quoted(path));
        }
        if (folder.getContentCount() > 0) {
            for (PSTMessage item = (PSTMessage) folder.getNextChild(); item != null; item = (PSTMessage) folder.getNextChild()) {
                this.items.add(item(item, path));
            }
        }
        if (folder.hasSubfolders()) {
            for (final PSTFolder child : folder.getSubFolders()) {
                this.folder(child, path.isEmpty() ? child.getDisplayName() : path + "/" + child.getDisplayName());
            }
        }
    }

    private static String item(final PSTMessage item, final String folder) throws Exception {
        final List<String> attachments = new ArrayList<>();
        for (int i = 0; i < item.getNumberOfAttachments(); i++) {
            attachments.add(quoted(attachment(item.getAttachment(i))));
        }
        return "{\"folder\":" + quoted(folder) + ",\"messageClass\":" + quoted(item.getMessageClass()) + ",\"subject\":"
            + quoted(item.getSubject()) + ",\"recipients\":" + item.getNumberOfRecipients() + ",\"attachments\":["
            + String.join(",", attachments) + "]}";
    }

    private static String attachment(final PSTAttachment attachment) throws Exception {
        if (attachment.getAttachMethod() == PSTAttachment.ATTACHMENT_METHOD_EMBEDDED) {
            return "message";
        }
        if (attachment.getAttachMethod() == PSTAttachment.ATTACHMENT_METHOD_NONE) {
            return "none";
        }
        final InputStream data = attachment.getFileInputStream();
        final MessageDigest digest = MessageDigest.getInstance("SHA-256");
        final byte[] piece = new byte[8176];
        long left = attachment.getFilesize();
        while (left > 0) {
            final int read = data.read(piece);
            if (read <= 0) {
                throw new IllegalStateException("attachment ends early");
            }
            digest.update(piece, 0, (int) Math.min(read, left));
            left -= read;
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String quoted(final String text) {
        final StringBuilder out = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c < 0x20 || c == '"' || c == '\\' || c > 0x7e) {
                out.append(String.format("\\u%04x", c));
            } else {
                out.append((char) c);
            }
        });
        return out.append('"').toString();
    }
}
